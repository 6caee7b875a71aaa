#include "worker/trainer/data/idx.h"

#include <zlib.h>

#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace firstguess::trainer {
namespace {

constexpr int64_t kMaxBytes = int64_t{1} << 31;
constexpr uint32_t kUnsignedBytes = 0x08;

// A file read from its start to its end; `offset` counts decompressed bytes. zlib passes files that
// are not gzip through unchanged.
class GzipReader {
 public:
  explicit GzipReader(const std::string& path)
      : path_(path), file_(gzopen(path.c_str(), "rb"), &gzclose) {}

  bool opened() const { return file_ != nullptr; }

  absl::Status Fault(int64_t offset, const std::string& what) const {
    return absl::DataLossError(absl::StrCat(path_, ": byte ", offset, ": ", what));
  }

  absl::Status Read(uint8_t* out, int64_t bytes) {
    int64_t done = 0;
    while (done < bytes) {
      const int wanted = static_cast<int>(std::min<int64_t>(bytes - done, 1 << 24));
      const int got = gzread(file_.get(), out + done, static_cast<unsigned>(wanted));
      if (got <= 0) {
        int code = Z_OK;
        const char* message = gzerror(file_.get(), &code);
        const bool damaged = got < 0 || (code != Z_OK && code != Z_BUF_ERROR);
        return Fault(offset_ + done, damaged ? absl::StrCat("damaged compression (", message, ")")
                                             : absl::StrCat("the file ends here, ", bytes - done,
                                                            " bytes short: it is truncated"));
      }
      done += got;
    }
    offset_ += bytes;
    return absl::OkStatus();
  }

  absl::StatusOr<uint32_t> ReadBigEndian() {
    uint8_t raw[4];
    if (absl::Status status = Read(raw, 4); !status.ok()) return status;
    return uint32_t{raw[0]} << 24 | uint32_t{raw[1]} << 16 | uint32_t{raw[2]} << 8 | raw[3];
  }

  // Reads past the last byte, which also makes zlib check the trailer of a compressed file.
  absl::Status ExpectEnd() {
    uint8_t extra = 0;
    const int got = gzread(file_.get(), &extra, 1);
    if (got == 0) {
      int code = Z_OK;
      const char* message = gzerror(file_.get(), &code);
      if (code == Z_OK || code == Z_STREAM_END) return absl::OkStatus();
      return Fault(offset_, absl::StrCat("damaged compression (", message, ")"));
    }
    if (got < 0) return Fault(offset_, "damaged compression: its checksum does not match");
    return Fault(offset_, "more data than the sizes in the header say");
  }

  int64_t offset() const { return offset_; }

 private:
  const std::string path_;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
  int64_t offset_ = 0;
};

}  // namespace

absl::StatusOr<IdxArray> ReadIdx(const std::string& path, int rank) {
  GzipReader reader(path);
  if (!reader.opened()) return absl::NotFoundError(absl::StrCat(path, ": can't be opened"));

  absl::StatusOr<uint32_t> magic = reader.ReadBigEndian();
  if (!magic.ok()) return magic.status();
  const uint32_t expected = kUnsignedBytes << 8 | static_cast<uint32_t>(rank);
  if (*magic != expected) {
    return reader.Fault(0, absl::StrFormat("magic number %#010x, where an IDX file of unsigned "
                                           "bytes with %d dimensions has %#010x",
                                           *magic, rank, expected));
  }

  IdxArray array;
  int64_t total = 1;
  for (int dimension = 0; dimension < rank; ++dimension) {
    const int64_t at = reader.offset();
    absl::StatusOr<uint32_t> size = reader.ReadBigEndian();
    if (!size.ok()) return size.status();
    if (*size == 0) return reader.Fault(at, absl::StrCat("dimension ", dimension, " is empty"));
    if (*size > kMaxBytes / total) {
      return reader.Fault(at, absl::StrCat("dimension ", dimension, " of size ", *size,
                                           " makes the array larger than ", kMaxBytes, " bytes"));
    }
    total *= *size;
    array.shape.push_back(*size);
  }
  // Grown as bytes arrive, so that a damaged header can't ask for memory that the file never fills.
  constexpr int64_t kChunk = 1 << 24;
  for (int64_t done = 0; done < total;) {
    const int64_t chunk = std::min(kChunk, total - done);
    array.bytes.resize(static_cast<size_t>(done + chunk));
    if (absl::Status status = reader.Read(array.bytes.data() + done, chunk); !status.ok()) {
      return status;
    }
    done += chunk;
  }
  if (absl::Status status = reader.ExpectEnd(); !status.ok()) return status;
  return array;
}

}  // namespace firstguess::trainer
