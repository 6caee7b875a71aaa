#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// A file that is written from its beginning to its end, in large pieces. Errors name the path; a
// full disk is ResourceExhausted. Thread-compatible.
class OutputFile {
 public:
  // Replaces what is at `path`.
  static absl::StatusOr<std::unique_ptr<OutputFile>> Create(const std::string& path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  absl::Status Append(absl::string_view bytes);
  // What was appended is in the file; nothing may follow.
  absl::Status Close();

 private:
  OutputFile(std::string path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  absl::Status Flush(absl::string_view bytes);

  const std::string path_;
  int descriptor_;  // -1: closed
  std::string buffer_;
};

// The file's size, and the SHA-256 of what is in it.
struct Fingerprint {
  int64_t bytes = 0;
  std::string sha256;  // lower-case hexadecimal
};
absl::StatusOr<Fingerprint> FingerprintOf(const std::string& path);

// Gives the whole file at `from` the name `to`, in the same folder, where it may replace another:
// both the file and its name are on disk then.
absl::Status Publish(const std::string& from, const std::string& to);

}  // namespace firstguess
