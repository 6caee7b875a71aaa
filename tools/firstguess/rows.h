#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "tools/firstguess/terminal.h"

namespace firstguess {

// The answer to a query, row by row, in one of four formats.

struct Blob {
  std::string bytes;
};
// std::monostate is NULL.
using RowValue = std::variant<std::monostate, int64_t, double, std::string, Blob>;

// Receives a result. Thread-compatible.
class RowSink {
 public:
  virtual ~RowSink() = default;

  virtual void Columns(const std::vector<std::string>& names) = 0;  // first, once
  // Returns false when no more rows are wanted. REQUIRES: one value a column.
  virtual bool Row(const std::vector<RowValue>& values) = 0;
  virtual void Finish() = 0;  // last, once
};

// For people: aligned columns that fit the terminal (six significant figures), headings again every
// thousand rows, the number of rows at the end.
std::unique_ptr<RowSink> MakeTableSink(Terminal* terminal);

// RFC 4180 with a heading: fields with commas, quotes or line ends quoted, lines ended by LF. NULL
// is empty and an empty text is "". Reals have the fewest digits that read back as the same number.
// Blobs are hexadecimal.
std::unique_ptr<RowSink> MakeCsvSink(Terminal* terminal);

// A table of GitHub's Markdown, numbers to the right as the first row has them; | and line ends in
// text are escaped. Reals as in CSV.
std::unique_ptr<RowSink> MakeMarkdownSink(Terminal* terminal);

// One JSON object a row, columns in their order. NULL and non-finite reals are null, blobs
// hexadecimal.
std::unique_ptr<RowSink> MakeJsonLinesSink(Terminal* terminal);

}  // namespace firstguess
