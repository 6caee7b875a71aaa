#pragma once

#include <string>
#include <vector>

#include "tools/firstguess/terminal.h"

namespace firstguess {

// Text in aligned columns, two spaces apart, fitted to the terminal: wide columns are made narrower
// first, their texts cut off, or broken between words in columns that say so; a table that would be
// unreadable even so is laid out as one block per row, name beside the whole value. Control
// characters in cells are made visible. Thread-compatible.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string heading;
    Align align = Align::kLeft;
    bool wraps = false;  // sentences: broken over several lines rather than cut off
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  // REQUIRES: one cell a column.
  void AddRow(const std::vector<std::string>& cells);

  // Every line ends with a newline. A table without rows is its headings.
  void Print(Terminal* terminal) const;

 private:
  // Widths that fit into `limit` (0: any), or empty if there are none.
  std::vector<int> Widths(int limit) const;
  void PrintAligned(const std::vector<int>& widths, Terminal* terminal) const;
  void PrintBlocks(Terminal* terminal) const;

  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace firstguess
