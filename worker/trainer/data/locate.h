#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess::trainer {

// Where Debian's packages put data sets: one folder each.
inline constexpr const char* kPackagedDatasets = "/usr/share/datasets";

// The folder that holds all files of data set `name` (dataset_files.h). Looked for are
// `<dir>/<name>` (of npy/<name> too) for each of `data_dirs` in order, then `<default_dir>/<name>`,
// and in each of them the folder that the published archive unpacks to. The data set's own name is
// part of the path because several sets (MNIST and Fashion-MNIST) use the same file names. NotFound
// says where it looked, what is lacking there and how to get it.
// REQUIRES: `name` is a published data set's or npy/<name> (common/spec/datasets.h).
absl::StatusOr<std::string> LocateDataset(absl::string_view name,
                                          const std::vector<std::string>& data_dirs,
                                          const std::string& default_dir = kPackagedDatasets);

// The path of `file` in `folder`, with ".gz" when only that exists; "" when neither does.
std::string FileOrGzip(const std::string& folder, const std::string& file);

// Names of the data sets that can be trained on: published ones and npy/<name> whose files are all
// there, and those that are generated. Folders whose name can't be in a sweep file are passed over.
std::vector<std::string> FoundDatasets(const std::vector<std::string>& data_dirs);

}  // namespace firstguess::trainer
