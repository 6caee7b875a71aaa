#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firstguess {

// Rows of a table on their way from the database into a file, column by column.

enum class ColumnType { kInteger, kReal, kText };

struct TableColumn {
  std::string name;
  ColumnType type = ColumnType::kText;
};

// The values of one column. Those of its type are filled, one a row; where it is NULL they are 0 or
// empty.
struct ColumnValues {
  std::vector<int64_t> integers;
  std::vector<double> reals;
  std::string text;               // all of them, UTF-8, one behind the other
  std::vector<size_t> text_ends;  // where each ends in `text`
  std::vector<uint8_t> is_null;   // 1 or 0

  absl::string_view Text(size_t row) const {
    const size_t begin = row == 0 ? 0 : text_ends[row - 1];
    return absl::string_view(text).substr(begin, text_ends[row] - begin);
  }
};

struct TableBatch {
  size_t rows = 0;
  std::vector<ColumnValues> columns;

  size_t TextBytes() const {
    size_t bytes = 0;
    for (const ColumnValues& column : columns) bytes += column.text.size();
    return bytes;
  }

  // Keeps the memory for the next rows.
  void Clear() {
    rows = 0;
    for (ColumnValues& column : columns) {
      column.integers.clear();
      column.reals.clear();
      column.text.clear();
      column.text_ends.clear();
      column.is_null.clear();
    }
  }
};

}  // namespace firstguess
