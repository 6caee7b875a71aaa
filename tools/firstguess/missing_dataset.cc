#include "tools/firstguess/missing_dataset.h"

#include "absl/strings/str_cat.h"
#include "common/spec/datasets.h"

namespace firstguess {

std::string HowToGetMissingDataset(absl::string_view reason, absl::string_view data_folder) {
  // What is needed is listed with the data set last.
  constexpr absl::string_view kNeeds = "data set ";
  const size_t at = reason.rfind(kNeeds);
  if (at == absl::string_view::npos) return "";
  const absl::StatusOr<std::string> name = CanonicalDataset(reason.substr(at + kNeeds.size()));
  if (!name.ok() || IsGeneratedDataset(*name)) return "";
  TrialConfig config;
  config.dataset = *name;
  const absl::string_view folder = IsOwnDataset(*name) ? OwnDatasetFolder(*name) : *name;
  const std::string given =
      data_folder.empty() ? "" : absl::StrCat(data_folder, "/", folder, " and ");
  return absl::StrCat("Data set ", *name, " was looked for in ", given, "/usr/share/datasets/",
                      folder, ": ", DatasetOf(config).how_to_get, ".");
}

}  // namespace firstguess
