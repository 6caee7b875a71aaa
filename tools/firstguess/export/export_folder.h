#pragma once

#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/firstguess/export/manifest.h"

namespace firstguess {

// The folder of an export: what earlier ones left there, and the manifest of this one. While an
// export goes on, its manifest is manifest.json.part. Thread-compatible.
class ExportFolder {
 public:
  // Makes the folder if need be. AlreadyExists: a manifest in it can't be understood.
  static absl::StatusOr<ExportFolder> Open(const std::string& path);

  // The latest export, whole or not.
  const std::optional<Manifest>& earlier() const { return earlier_; }
  bool is_finished() const { return is_finished_; }

  std::string Path(const std::string& name) const { return path_ + "/" + name; }
  // An earlier export wrote it, or was about to.
  bool Owns(const std::string& name) const { return owned_.count(name) > 0; }
  // The earlier export's file of this name and source, if it is there as it was written.
  std::optional<ExportedFile> Find(const std::string& name, const std::string& source) const;

  // Writes down how far `manifest` is; the earlier one counts no longer.
  absl::Status Begin(const Manifest& manifest);
  absl::Status Save(const Manifest& manifest);
  // Removes files of earlier exports that `manifest` does not have, and gives it its name.
  absl::Status Finish(const Manifest& manifest);

 private:
  explicit ExportFolder(std::string path) : path_(std::move(path)) {}
  absl::StatusOr<std::optional<Manifest>> Load(const std::string& name) const;

  std::string path_;
  std::optional<Manifest> earlier_;
  bool is_finished_ = false;
  std::set<std::string> owned_;
};

}  // namespace firstguess
