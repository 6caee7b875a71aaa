#include "tools/firstguess/missing_dataset.h"

#include "absl/strings/str_cat.h"
#include "common/spec/datasets.h"

namespace firstguess {

std::string HowToGetMissingDataset(absl::string_view reason, absl::string_view data_folder) {
  // What is needed is listed with the data set last.
  constexpr absl::string_view kNeeds = "data set ";
  const size_t at = reason.rfind(kNeeds);
  if (at == absl::string_view::npos) return "";
  const absl::string_view name = reason.substr(at + kNeeds.size());
  const DatasetInfo* const dataset = FindDataset(name);
  if (dataset == nullptr) return "";
  const std::string given =
      data_folder.empty() ? "" : absl::StrCat(data_folder, "/", name, " and ");
  return absl::StrCat("Data set ", name, " was looked for in ", given, "/usr/share/datasets/", name,
                      ": ", dataset->how_to_get, ".");
}

}  // namespace firstguess
