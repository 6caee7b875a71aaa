#include "worker/trainer/data/locate.h"

#include <filesystem>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/datasets.h"
#include "worker/trainer/data/dataset_files.h"

namespace firstguess::trainer {
namespace {

// The first of `files` that `folder` lacks; "" when it holds all.
std::string MissingFile(const std::string& folder, const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    if (FileOrGzip(folder, file).empty()) return file;
  }
  return "";
}

// npy/<name> for each folder of `dir` with such a data set's files.
void FindOwnDatasets(const std::string& dir, std::set<std::string>* found) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry(dir, error), end; !error && entry != end;
       entry.increment(error)) {
    const absl::StatusOr<std::string> name =
        CanonicalDataset(absl::StrCat("npy/", entry->path().filename().string()));
    if (name.ok() && MissingFile(entry->path().string(), FilesOf(*name).all()).empty()) {
      found->insert(*name);
    }
  }
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
  const DatasetFiles& files = FilesOf(name);
  const absl::string_view own_folder = IsOwnDataset(name) ? OwnDatasetFolder(name) : name;
  std::vector<std::string> dirs = data_dirs;
  dirs.push_back(default_dir);
  std::vector<std::string> folders;
  for (const std::string& dir : dirs) {
    folders.push_back(absl::StrCat(dir, "/", own_folder));
    if (!files.archive_folder.empty()) {
      folders.push_back(absl::StrCat(folders.back(), "/", files.archive_folder));
    }
  }
  std::vector<std::string> looked;
  for (const std::string& folder : folders) {
    const std::string missing = MissingFile(folder, files.all());
    if (missing.empty()) return folder;
    std::error_code ignored;
    looked.push_back(std::filesystem::is_directory(folder, ignored)
                         ? absl::StrCat(folder, " (lacks ", missing, ")")
                         : folder);
  }
  TrialConfig config;
  config.dataset = std::string(name);
  return absl::NotFoundError(absl::StrCat("data set ", name, " not found: looked in ",
                                          absl::StrJoin(looked, ", "), "; ",
                                          DatasetOf(config).how_to_get));
}

std::vector<std::string> FoundDatasets(const std::vector<std::string>& data_dirs) {
  std::vector<std::string> found;
  for (const DatasetInfo& info : KnownDatasets()) {
    if (LocateDataset(info.name, data_dirs).ok()) found.push_back(info.name);
  }
  for (const absl::string_view name : DatasetNames()) {
    if (IsGeneratedDataset(name)) found.emplace_back(name);
  }
  std::set<std::string> own;
  for (const std::string& dir : data_dirs) FindOwnDatasets(dir, &own);
  FindOwnDatasets(kPackagedDatasets, &own);
  found.insert(found.end(), own.begin(), own.end());
  return found;
}

}  // namespace firstguess::trainer
