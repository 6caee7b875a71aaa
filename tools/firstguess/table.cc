#include "tools/firstguess/table.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tools/firstguess/format.h"
#include "tools/firstguess/wrapped.h"

namespace firstguess {
namespace {

constexpr int kGap = 2;
// A column is shortened down to this, and no further.
constexpr int kReadableWidth = 8;

std::string Padded(const std::string& text, int width, Table::Align align) {
  const std::string space(static_cast<size_t>(std::max(0, width - DisplayWidth(text))), ' ');
  return align == Table::Align::kRight ? space + text : text + space;
}

// The lines of a cell.
std::vector<std::string> Fitted(const std::string& text, int width, bool wraps) {
  if (!wraps || DisplayWidth(text) <= width) return {Shortened(text, width)};
  std::vector<std::string> lines = Wrapped(text, width);
  for (std::string& line : lines) line = Shortened(line, width);
  return lines;
}

}  // namespace

void Table::AddRow(const std::vector<std::string>& cells) {
  std::vector<std::string>& row = rows_.emplace_back();
  for (const std::string& cell : cells) row.push_back(Visible(cell));
}

std::vector<int> Table::Widths(int limit) const {
  std::vector<int> widths;
  for (size_t c = 0; c < columns_.size(); ++c) {
    int width = DisplayWidth(columns_[c].heading);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[c]));
    widths.push_back(width);
  }
  if (limit == 0) return widths;
  const int gaps = kGap * std::max(0, static_cast<int>(columns_.size()) - 1);
  while (std::accumulate(widths.begin(), widths.end(), gaps) > limit) {
    const auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= kReadableWidth) return {};
    --*widest;
  }
  return widths;
}

void Table::PrintAligned(const std::vector<int>& widths, Terminal* terminal) const {
  const auto print = [&](const auto& text_of, bool heading) {
    std::vector<std::vector<std::string>> cells;  // their lines
    size_t height = 1;
    for (size_t c = 0; c < columns_.size(); ++c) {
      cells.push_back(Fitted(text_of(c), std::max(1, widths[c]), columns_[c].wraps));
      height = std::max(height, cells.back().size());
    }
    for (size_t i = 0; i < height; ++i) {
      std::string line;
      for (size_t c = 0; c < columns_.size(); ++c) {
        if (c > 0) line.append(kGap, ' ');
        line += Padded(i < cells[c].size() ? cells[c][i] : "", widths[c], columns_[c].align);
      }
      absl::StripTrailingAsciiWhitespace(&line);
      if (heading) line = Styled(*terminal, Style::kBold, line);
      terminal->Write(line + "\n");
    }
  };
  print([&](size_t c) { return columns_[c].heading; }, true);
  for (const auto& row : rows_) print([&](size_t c) { return row[c]; }, false);
}

void Table::PrintBlocks(Terminal* terminal) const {
  int name_width = 0;
  for (const Column& column : columns_) {
    name_width = std::max(name_width, DisplayWidth(column.heading));
  }
  name_width = std::min(name_width, terminal->width() / 2);
  const int value_width = std::max(1, terminal->width() - name_width - kGap);
  bool first = true;
  for (const auto& row : rows_) {
    if (!first) terminal->Write("\n");
    first = false;
    for (size_t c = 0; c < columns_.size(); ++c) {
      std::string name = Shortened(columns_[c].heading, std::max(1, name_width));
      for (const std::string& value : Fitted(row[c], value_width, true)) {
        std::string line = absl::StrCat(Padded(name, name_width + kGap, Align::kLeft), value);
        absl::StripTrailingAsciiWhitespace(&line);
        terminal->Write(line + "\n");
        name.clear();
      }
    }
  }
}

void Table::Print(Terminal* terminal) const {
  const std::vector<int> widths = Widths(terminal->width());
  if (!widths.empty() || rows_.empty()) {
    PrintAligned(widths.empty() ? Widths(0) : widths, terminal);
  } else {
    PrintBlocks(terminal);
  }
}

}  // namespace firstguess
