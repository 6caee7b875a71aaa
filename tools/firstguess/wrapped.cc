#include "tools/firstguess/wrapped.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tools/firstguess/format.h"

namespace firstguess {
namespace {

// A column of values is not made narrower.
constexpr int kNarrowest = 16;

}  // namespace

std::vector<std::string> Wrapped(absl::string_view text, int width) {
  if (width == 0) return {std::string(text)};
  std::vector<std::string> lines(1);
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    std::string& line = lines.back();
    if (line.empty()) {
      line = std::string(word);
    } else if (DisplayWidth(line) + 1 + DisplayWidth(word) <= width) {
      absl::StrAppend(&line, " ", word);
    } else {
      lines.emplace_back(word);
    }
  }
  return lines;
}

void PrintNamed(absl::string_view name, int name_width, absl::string_view value,
                Terminal* terminal) {
  // What a style adds is no column.
  int shown = 0;
  bool escape = false;
  for (const char c : name) {
    escape = escape || c == '\x1b';
    if (!escape) ++shown;
    if (c == 'm') escape = false;
  }
  const std::string space(static_cast<size_t>(std::max(1, name_width - shown)), ' ');
  const int width =
      terminal->width() == 0 ? 0 : std::max(kNarrowest, terminal->width() - name_width);
  std::string head = absl::StrCat(name, space);
  for (const std::string& line : Wrapped(value, width)) {
    terminal->Write(absl::StrCat(head, line, "\n"));
    head.assign(static_cast<size_t>(name_width), ' ');
  }
}

}  // namespace firstguess
