#include "tools/firstguess/wrapped.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tools/firstguess/format.h"

namespace firstguess {

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

}  // namespace firstguess
