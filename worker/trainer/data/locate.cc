#include "worker/trainer/data/locate.h"

#include <filesystem>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/datasets.h"

namespace firstguess::trainer {
namespace {

// The first of the four files that `folder` lacks; "" when it holds all.
std::string MissingFile(const std::string& folder) {
  for (const char* file : {kTrainImages, kTrainLabels, kTestImages, kTestLabels}) {
    if (FileOrGzip(folder, file).empty()) return file;
  }
  return "";
}

std::string HowToGet(absl::string_view name) {
  if (name == "fashion-mnist") return "install it with `apt-get install dataset-fashion-mnist`";
  return absl::StrCat("put its four IDX files (", kTrainImages,
                      " and so on, gzip or not) into <dir>/", name, " and give --data-dir <dir>");
}

}  // namespace

std::string FileOrGzip(const std::string& folder, const std::string& file) {
  std::error_code ignored;
  for (const char* suffix : {"", ".gz"}) {
    std::string path = absl::StrCat(folder, "/", file, suffix);
    if (std::filesystem::is_regular_file(path, ignored)) return path;
  }
  return "";
}

absl::StatusOr<std::string> LocateDataset(absl::string_view name,
                                          const std::vector<std::string>& data_dirs,
                                          const std::string& default_dir) {
  std::vector<std::string> folders;
  for (const std::string& dir : data_dirs) folders.push_back(absl::StrCat(dir, "/", name));
  folders.push_back(absl::StrCat(default_dir, "/", name));
  std::vector<std::string> looked;
  for (const std::string& folder : folders) {
    const std::string missing = MissingFile(folder);
    if (missing.empty()) return folder;
    std::error_code ignored;
    looked.push_back(std::filesystem::is_directory(folder, ignored)
                         ? absl::StrCat(folder, " (lacks ", missing, ")")
                         : folder);
  }
  return absl::NotFoundError(absl::StrCat("data set ", name, " not found: looked in ",
                                          absl::StrJoin(looked, ", "), "; ", HowToGet(name)));
}

std::vector<std::string> FoundDatasets(const std::vector<std::string>& data_dirs) {
  std::vector<std::string> found;
  for (const DatasetInfo& info : KnownDatasets()) {
    if (LocateDataset(info.name, data_dirs).ok()) found.push_back(info.name);
  }
  return found;
}

}  // namespace firstguess::trainer
