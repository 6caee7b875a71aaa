#pragma once

#include <zlib.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firstguess::trainer {

// A file, gzip-compressed or plain, read from its start to its end. Every fault is DataLoss, named
// by the file and the decompressed byte at which it is. Thread-compatible.
class GzipReader {
 public:
  explicit GzipReader(const std::string& path);

  bool opened() const { return file_ != nullptr; }

  // Decompressed bytes read so far.
  int64_t offset() const { return offset_; }

  // The error that `what` is wrong at byte `offset`.
  absl::Status Fault(int64_t offset, absl::string_view what) const;

  // Reads `bytes` into `out`. Of a file that ends before, the fault says how many bytes are
  // lacking, with the `more` that should have followed these.
  absl::Status Read(uint8_t* out, int64_t bytes, int64_t more = 0);

  // That the file ends here: otherwise the fault is that it holds more data than `what`. Reads past
  // the last byte, which also makes zlib check the trailer of a compressed file.
  absl::Status ExpectEnd(absl::string_view what);

 private:
  const std::string path_;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
  int64_t offset_ = 0;
};

}  // namespace firstguess::trainer
