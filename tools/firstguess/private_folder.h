#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// A new folder that only this user can enter, removed with its sockets and files at the end. Its
// path is short enough for a unix socket in it (sun_path holds 107 bytes).
class PrivateFolder {
 public:
  // In XDG_RUNTIME_DIR or TMPDIR if they are set, usable and short, else in /tmp.
  static absl::StatusOr<std::unique_ptr<PrivateFolder>> Create();
  ~PrivateFolder();
  PrivateFolder(const PrivateFolder&) = delete;
  PrivateFolder& operator=(const PrivateFolder&) = delete;

  // The path of `name` in it.
  std::string Path(absl::string_view name) const;

 private:
  explicit PrivateFolder(std::string path) : path_(std::move(path)) {}

  const std::string path_;
};

}  // namespace firstguess
