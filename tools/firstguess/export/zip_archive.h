#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

struct archive;

namespace firstguess {

// A zip archive whose members are stored as they are, written one after the other; above 4 GiB it
// is zip64. The same members make the same bytes. Thread-compatible.
class ZipArchive {
 public:
  // Replaces what is at `path`.
  static absl::StatusOr<std::unique_ptr<ZipArchive>> Create(const std::string& path);

  // Begins a member of so many bytes, which Append brings.
  absl::Status Begin(const std::string& name, int64_t bytes);
  absl::Status Append(absl::string_view bytes);
  // Last, once: the archive is whole.
  absl::Status Finish();

 private:
  using Handle = std::unique_ptr<archive, int (*)(archive*)>;
  ZipArchive(std::string path, Handle handle)
      : path_(std::move(path)), handle_(std::move(handle)) {}
  // A negative `code` of libarchive as an error.
  absl::Status Check(int64_t code) const;

  const std::string path_;
  const Handle handle_;
};

}  // namespace firstguess
