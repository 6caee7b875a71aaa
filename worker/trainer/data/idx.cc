#include "worker/trainer/data/idx.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "worker/trainer/data/gzip_reader.h"

namespace firstguess::trainer {
namespace {

constexpr int64_t kMaxBytes = int64_t{1} << 31;
constexpr uint32_t kUnsignedBytes = 0x08;

absl::StatusOr<uint32_t> ReadBigEndian(GzipReader& reader) {
  uint8_t raw[4];
  if (absl::Status status = reader.Read(raw, 4); !status.ok()) return status;
  return uint32_t{raw[0]} << 24 | uint32_t{raw[1]} << 16 | uint32_t{raw[2]} << 8 | raw[3];
}

}  // namespace

absl::StatusOr<IdxArray> ReadIdx(const std::string& path, int rank) {
  GzipReader reader(path);
  if (!reader.opened()) return absl::NotFoundError(absl::StrCat(path, ": can't be opened"));

  absl::StatusOr<uint32_t> magic = ReadBigEndian(reader);
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
    absl::StatusOr<uint32_t> size = ReadBigEndian(reader);
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
    if (absl::Status status = reader.Read(array.bytes.data() + done, chunk, total - done - chunk);
        !status.ok()) {
      return status;
    }
    done += chunk;
  }
  if (absl::Status status = reader.ExpectEnd("the sizes in the header say"); !status.ok()) {
    return status;
  }
  return array;
}

}  // namespace firstguess::trainer
