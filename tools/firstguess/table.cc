#include "tools/firstguess/table.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tools/firstguess/format.h"

namespace firstguess {
namespace {

constexpr int kGap = 2;
// A column is shortened down to this, and no further.
constexpr int kReadableWidth = 8;

std::string Padded(const std::string& text, int width, Table::Align align) {
  const std::string space(static_cast<size_t>(std::max(0, width - DisplayWidth(text))), ' ');
  return align == Table::Align::kRight ? space + text : text + space;
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
  const auto line = [&](const auto& text_of, bool heading) {
    std::string text;
    for (size_t c = 0; c < columns_.size(); ++c) {
      if (c > 0) text.append(kGap, ' ');
      text += Padded(Shortened(text_of(c), std::max(1, widths[c])), widths[c], columns_[c].align);
    }
    absl::StripTrailingAsciiWhitespace(&text);
    if (heading) text = Styled(*terminal, Style::kBold, text);
    terminal->Write(text + "\n");
  };
  line([&](size_t c) { return columns_[c].heading; }, true);
  for (const auto& row : rows_) line([&](size_t c) { return row[c]; }, false);
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
      std::string line =
          absl::StrCat(Padded(Shortened(columns_[c].heading, name_width), name_width, Align::kLeft),
                       std::string(kGap, ' '), Shortened(row[c], value_width));
      absl::StripTrailingAsciiWhitespace(&line);
      terminal->Write(line + "\n");
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
