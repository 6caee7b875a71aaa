#include "tools/firstguess/export/column_spool.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/firstguess/export/npy_format.h"

namespace firstguess {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are written as they lie");

constexpr size_t kCopyBytes = size_t{1} << 20;

template <typename T>
absl::string_view BytesOf(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

absl::Status ReadError(const std::string& path) {
  return absl::InternalError(absl::StrCat(path, " can't be read"));
}

// A member of the archive: `head`, and then all of a file.
absl::Status CopyArray(const std::string& name, const std::string& head, int64_t bytes,
                       const std::string& path, ZipArchive* zip) {
  absl::Status status =
      zip->Begin(absl::StrCat(name, ".npy"), static_cast<int64_t>(head.size()) + bytes);
  if (status.ok()) status = zip->Append(head);
  std::ifstream file(path, std::ios::binary);
  std::string piece(kCopyBytes, '\0');
  while (status.ok() && bytes > 0) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto count = static_cast<size_t>(file.gcount());
    if (count == 0) return ReadError(path);
    status = zip->Append(absl::string_view(piece).substr(0, count));
    bytes -= static_cast<int64_t>(count);
  }
  return status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ColumnSpool>> ColumnSpool::Create(const std::string& stem,
                                                                 const TableColumn& column) {
  absl::StatusOr<std::unique_ptr<OutputFile>> values = OutputFile::Create(stem);
  if (!values.ok()) return values.status();
  return std::unique_ptr<ColumnSpool>(new ColumnSpool(stem, column, *std::move(values)));
}

absl::Status ColumnSpool::Write(const ColumnValues& values) {
  absl::Status status;
  if (column_.type == ColumnType::kInteger) {
    status = values_->Append(BytesOf(values.integers));
  } else if (column_.type == ColumnType::kText) {
    status = WriteTexts(values);
  } else {
    std::vector<double> reals = values.reals;
    for (size_t row = 0; row < reals.size(); ++row) {
      if (values.is_null[row] != 0) reals[row] = std::numeric_limits<double>::quiet_NaN();
    }
    status = values_->Append(BytesOf(reals));
  }
  if (status.ok() && column_.type != ColumnType::kReal) status = WriteNulls(values);
  rows_ += static_cast<int64_t>(values.is_null.size());
  return status;
}

absl::Status ColumnSpool::WriteTexts(const ColumnValues& values) {
  for (size_t row = 0; row < values.text_ends.size(); ++row) {
    const absl::string_view text = values.Text(row);
    const auto length = static_cast<uint32_t>(text.size());
    longest_ = std::max(longest_, CodePoints(text).size());
    char bytes[sizeof(length)];
    std::memcpy(bytes, &length, sizeof(length));
    absl::Status status = values_->Append({bytes, sizeof(bytes)});
    if (status.ok()) status = values_->Append(text);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ColumnSpool::WriteNulls(const ColumnValues& values) {
  if (nulls_ == nullptr) {
    if (std::memchr(values.is_null.data(), 1, values.is_null.size()) == nullptr) {
      return absl::OkStatus();
    }
    absl::StatusOr<std::unique_ptr<OutputFile>> nulls =
        OutputFile::Create(absl::StrCat(stem_, ".isnull"));
    if (!nulls.ok()) return nulls.status();
    nulls_ = *std::move(nulls);
    const std::string none(kCopyBytes, '\0');
    for (int64_t left = rows_; left > 0;) {
      const size_t count = std::min<size_t>(none.size(), static_cast<size_t>(left));
      if (absl::Status status = nulls_->Append(absl::string_view(none).substr(0, count));
          !status.ok()) {
        return status;
      }
      left -= static_cast<int64_t>(count);
    }
  }
  return nulls_->Append(BytesOf(values.is_null));
}

absl::Status ColumnSpool::WriteArrays(ZipArchive* zip) {
  absl::Status status = values_->Close();
  if (!status.ok()) return status;
  if (column_.type == ColumnType::kText) {
    status = CopyTexts(zip);
  } else {
    const std::string type = column_.type == ColumnType::kInteger ? "<i8" : "<f8";
    status = CopyArray(column_.name, NpyHead(type, rows_), 8 * rows_, stem_, zip);
  }
  if (!status.ok() || nulls_ == nullptr) return status;
  status = nulls_->Close();
  if (!status.ok()) return status;
  return CopyArray(absl::StrCat(column_.name, ".isnull"), NpyHead("|b1", rows_), rows_,
                   absl::StrCat(stem_, ".isnull"), zip);
}

absl::Status ColumnSpool::CopyTexts(ZipArchive* zip) const {
  const std::string head = NpyHead(absl::StrCat("<U", longest_), rows_);
  const auto width = static_cast<int64_t>(longest_ * sizeof(char32_t));
  absl::Status status = zip->Begin(absl::StrCat(column_.name, ".npy"),
                                   static_cast<int64_t>(head.size()) + rows_ * width);
  if (status.ok()) status = zip->Append(head);
  std::ifstream file(stem_, std::ios::binary);
  std::string text;
  for (int64_t row = 0; status.ok() && row < rows_; ++row) {
    uint32_t length = 0;
    file.read(reinterpret_cast<char*>(&length), sizeof(length));
    text.resize(length);
    file.read(text.data(), static_cast<std::streamsize>(length));
    if (!file) return ReadError(stem_);
    std::u32string points = CodePoints(text);
    points.resize(longest_);  // filled with zeros
    status = zip->Append(
        {reinterpret_cast<const char*>(points.data()), points.size() * sizeof(char32_t)});
  }
  return status;
}

}  // namespace firstguess
