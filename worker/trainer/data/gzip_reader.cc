#include "worker/trainer/data/gzip_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace firstguess::trainer {

// zlib passes files that are not gzip through unchanged.
GzipReader::GzipReader(const std::string& path)
    : path_(path), file_(gzopen(path.c_str(), "rb"), &gzclose) {}

absl::Status GzipReader::Fault(int64_t offset, absl::string_view what) const {
  return absl::DataLossError(absl::StrCat(path_, ": byte ", offset, ": ", what));
}

absl::Status GzipReader::Read(uint8_t* out, int64_t bytes, int64_t more) {
  int64_t done = 0;
  while (done < bytes) {
    const int wanted = static_cast<int>(std::min<int64_t>(bytes - done, 1 << 24));
    const int got = gzread(file_.get(), out + done, static_cast<unsigned>(wanted));
    if (got <= 0) {
      int code = Z_OK;
      const char* message = gzerror(file_.get(), &code);
      const bool damaged = got < 0 || (code != Z_OK && code != Z_BUF_ERROR);
      return Fault(offset_ + done, damaged
                                       ? absl::StrCat("damaged compression (", message, ")")
                                       : absl::StrCat("the file ends here, ", bytes - done + more,
                                                      " bytes short: it is truncated"));
    }
    done += got;
  }
  offset_ += bytes;
  return absl::OkStatus();
}

absl::Status GzipReader::ExpectEnd(absl::string_view what) {
  uint8_t extra = 0;
  const int got = gzread(file_.get(), &extra, 1);
  if (got == 0) {
    int code = Z_OK;
    const char* message = gzerror(file_.get(), &code);
    if (code == Z_OK || code == Z_STREAM_END) return absl::OkStatus();
    return Fault(offset_, absl::StrCat("damaged compression (", message, ")"));
  }
  if (got < 0) return Fault(offset_, "damaged compression: its checksum does not match");
  return Fault(offset_, absl::StrCat("more data than ", what));
}

}  // namespace firstguess::trainer
