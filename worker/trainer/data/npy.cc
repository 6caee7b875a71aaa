#include "worker/trainer/data/npy.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "worker/trainer/data/gzip_reader.h"

namespace firstguess::trainer {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as they are");

constexpr absl::string_view kMagic = "\x93NUMPY";
constexpr int64_t kMaxBytes = int64_t{1} << 34;
constexpr uint32_t kMaxHeader = 1 << 16;
constexpr size_t kMaxDimensions = 32;  // as in NumPy

template <typename Number>
Number ElementAs(const NpyArray& array, int64_t i) {
  Number value;
  std::memcpy(&value, array.bytes.data() + i * static_cast<int64_t>(sizeof value), sizeof value);
  return value;
}

// Reads the dictionary, each fault at its byte.
class HeaderParser {
 public:
  // `text` begins at byte `start` of the file.
  HeaderParser(const GzipReader& reader, int64_t start, absl::string_view text)
      : reader_(reader), end_(start + static_cast<int64_t>(text.size())), rest_(text) {}

  // Fills type and shape.
  absl::Status Parse(const NpyKind& kind, NpyArray* array) {
    absl::Status status = Expect('{');
    while (status.ok() && !Accept('}')) {
      status = ParseEntry(kind, array);
      if (status.ok() && !Accept(',')) {
        status = Expect('}');
        break;
      }
    }
    if (!status.ok()) return status;
    SkipBlanks();
    if (!rest_.empty()) return Fault("more text than a dictionary in the header");
    if (array->type.empty() || !has_order_ || !has_shape_) {
      return Fault("the header lacks one of 'descr', 'fortran_order' and 'shape'");
    }
    return CheckBytes(*array);
  }

 private:
  int64_t offset() const { return end_ - static_cast<int64_t>(rest_.size()); }
  absl::Status Fault(absl::string_view what) const { return reader_.Fault(offset(), what); }

  void SkipBlanks() { rest_ = absl::StripLeadingAsciiWhitespace(rest_); }
  bool Accept(char c) {
    SkipBlanks();
    return absl::ConsumePrefix(&rest_, absl::string_view(&c, 1));
  }
  absl::Status Expect(char c) {
    if (Accept(c)) return absl::OkStatus();
    return Fault(absl::StrCat("the header should have `", absl::string_view(&c, 1), "` here"));
  }

  // 'text' or "text".
  absl::Status ParseText(std::string* text) {
    SkipBlanks();
    const char quote = rest_.empty() ? ' ' : rest_[0];
    const size_t length =
        quote == '\'' || quote == '"' ? rest_.substr(1).find(quote) : absl::string_view::npos;
    if (length == absl::string_view::npos) return Fault("the header should have a text in quotes");
    *text = std::string(rest_.substr(1, length));
    rest_.remove_prefix(length + 2);
    return absl::OkStatus();
  }

  absl::Status ParseEntry(const NpyKind& kind, NpyArray* array) {
    SkipBlanks();
    const int64_t at = offset();
    std::string key;
    absl::Status status = ParseText(&key);
    if (status.ok()) status = Expect(':');
    if (!status.ok()) return status;
    if (key == "descr" && array->type.empty()) return ParseType(kind, array);
    if (key == "fortran_order" && !std::exchange(has_order_, true)) return ParseOrder();
    if (key == "shape" && !std::exchange(has_shape_, true)) return ParseShape(kind, array);
    return reader_.Fault(
        at, "the header should have 'descr', 'fortran_order' or 'shape' here, each once");
  }

  absl::Status ParseType(const NpyKind& kind, NpyArray* array) {
    SkipBlanks();
    const int64_t at = offset();
    if (absl::Status status = ParseText(&array->type); !status.ok()) {
      return reader_.Fault(at, "structured elements, where numbers are needed");
    }
    if (std::find(kind.types.begin(), kind.types.end(), array->type) == kind.types.end()) {
      const bool big_endian = !array->type.empty() && array->type[0] == '>';
      return reader_.Fault(
          at, absl::StrCat("elements of type '", array->type, "'",
                           big_endian ? ", which is big-endian" : "",
                           ", where they must be one of ", absl::StrJoin(kind.types, ", ")));
    }
    return absl::OkStatus();
  }

  absl::Status ParseOrder() {
    SkipBlanks();
    if (absl::ConsumePrefix(&rest_, "False")) return absl::OkStatus();
    return Fault(
        "'fortran_order' is not False: the array must be in C order "
        "(numpy.ascontiguousarray)");
  }

  absl::Status ParseShape(const NpyKind& kind, NpyArray* array) {
    SkipBlanks();
    const int64_t at = offset();
    absl::Status status = Expect('(');
    while (status.ok() && !Accept(')')) {
      status = ParseSize(array);
      if (status.ok() && !Accept(',')) {
        status = Expect(')');
        break;
      }
    }
    if (!status.ok()) return status;
    const auto dimensions = static_cast<int64_t>(array->shape.size());
    if (dimensions < kind.min_dimensions || dimensions > kind.max_dimensions) {
      return reader_.Fault(at, absl::StrCat("an array of ", dimensions,
                                            " dimensions, where it must have ", kind.min_dimensions,
                                            kind.min_dimensions == kind.max_dimensions
                                                ? ""
                                                : absl::StrCat(" to ", kind.max_dimensions)));
    }
    return absl::OkStatus();
  }

  absl::Status ParseSize(NpyArray* array) {
    SkipBlanks();
    const auto end = std::find_if_not(rest_.begin(), rest_.end(),
                                      [](unsigned char c) { return absl::ascii_isdigit(c); });
    const absl::string_view digits =
        rest_.substr(0, static_cast<size_t>(std::distance(rest_.begin(), end)));
    int64_t size = 0;
    if (digits.empty()) return Fault("the shape should have a size here");
    if (!absl::SimpleAtoi(digits, &size)) return Fault("a size that no array can have");
    if (size == 0) return Fault(absl::StrCat("dimension ", array->shape.size(), " is empty"));
    if (array->shape.size() == kMaxDimensions) return Fault("more dimensions than NumPy has");
    sizes_at_.push_back(offset());
    array->shape.push_back(size);
    rest_.remove_prefix(digits.size());
    return absl::OkStatus();
  }

  // The type may come after the shape, so that this is for the end.
  absl::Status CheckBytes(const NpyArray& array) const {
    int64_t total = array.element_bytes();
    for (size_t i = 0; i < array.shape.size(); ++i) {
      if (array.shape[i] > kMaxBytes / total) {
        return reader_.Fault(sizes_at_[i],
                             absl::StrCat("dimension ", i, " of size ", array.shape[i],
                                          " makes the array larger than ", kMaxBytes, " bytes"));
      }
      total *= array.shape[i];
    }
    return absl::OkStatus();
  }

  const GzipReader& reader_;
  const int64_t end_;       // of the header in the file
  absl::string_view rest_;  // of the header
  bool has_order_ = false;
  bool has_shape_ = false;
  std::vector<int64_t> sizes_at_;  // bytes of the sizes in the shape
};

absl::StatusOr<std::string> ReadHeader(GzipReader& reader) {
  uint8_t start[8];
  if (absl::Status status = reader.Read(start, sizeof start); !status.ok()) return status;
  if (std::memcmp(start, kMagic.data(), kMagic.size()) != 0) {
    return reader.Fault(0, "no .npy file: it doesn't begin with \\x93NUMPY");
  }
  if (start[6] < 1 || start[6] > 3 || start[7] != 0) {
    return reader.Fault(
        6, absl::StrCat("format ", start[6], ".", start[7], ", where 1.0, 2.0 and 3.0 are known"));
  }
  uint8_t raw[4] = {};
  const int64_t at = reader.offset();
  absl::Status status = reader.Read(raw, start[6] == 1 ? 2 : 4);
  if (!status.ok()) return status;
  uint32_t length = 0;
  std::memcpy(&length, raw, sizeof length);
  if (length > kMaxHeader) {
    return reader.Fault(
        at, absl::StrCat("a header of ", length, " bytes, where ", kMaxHeader, " are the most"));
  }
  std::string header(length, '\0');
  status = reader.Read(reinterpret_cast<uint8_t*>(header.data()), length);
  if (!status.ok()) return status;
  return header;
}

}  // namespace

int64_t NpyArray::Integer(int64_t i) const {
  if (type[1] == 'i') {
    switch (element_bytes()) {
      case 1:
        return ElementAs<int8_t>(*this, i);
      case 2:
        return ElementAs<int16_t>(*this, i);
      case 4:
        return ElementAs<int32_t>(*this, i);
      default:
        return ElementAs<int64_t>(*this, i);
    }
  }
  switch (element_bytes()) {
    case 1:
      return ElementAs<uint8_t>(*this, i);
    case 2:
      return ElementAs<uint16_t>(*this, i);
    case 4:
      return ElementAs<uint32_t>(*this, i);
    default:
      return static_cast<int64_t>(
          std::min<uint64_t>(ElementAs<uint64_t>(*this, i), std::numeric_limits<int64_t>::max()));
  }
}

double NpyArray::Real(int64_t i) const {
  return element_bytes() == 4 ? ElementAs<float>(*this, i) : ElementAs<double>(*this, i);
}

absl::StatusOr<NpyArray> ReadNpy(const std::string& path, const NpyKind& kind) {
  GzipReader reader(path);
  if (!reader.opened()) return absl::NotFoundError(absl::StrCat(path, ": can't be opened"));
  absl::StatusOr<std::string> header = ReadHeader(reader);
  if (!header.ok()) return header.status();

  NpyArray array;
  array.data_offset = reader.offset();
  const int64_t header_start = array.data_offset - static_cast<int64_t>(header->size());
  absl::Status status = HeaderParser(reader, header_start, *header).Parse(kind, &array);
  if (!status.ok()) return status;

  int64_t total = array.element_bytes();
  for (const int64_t size : array.shape) total *= size;
  // Grown as bytes arrive, so that a damaged header can't ask for memory that the file never fills.
  constexpr int64_t kChunk = 1 << 24;
  for (int64_t done = 0; done < total;) {
    const int64_t chunk = std::min(kChunk, total - done);
    array.bytes.resize(static_cast<size_t>(done + chunk));
    status = reader.Read(array.bytes.data() + done, chunk, total - done - chunk);
    if (!status.ok()) return status;
    done += chunk;
  }
  status = reader.ExpectEnd("the shape in the header says");
  if (!status.ok()) return status;
  return array;
}

}  // namespace firstguess::trainer
