#include "coordinator/store/object_comments.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace firstguess {
namespace {

constexpr absl::string_view kMark = "--";

// The column that a line of code defines, if it defines one.
std::string ColumnOf(absl::string_view code, bool is_view) {
  const std::vector<absl::string_view> words = absl::StrSplit(code, ' ', absl::SkipEmpty());
  if (!is_view) return std::string(words.front());
  const absl::string_view last = absl::StripSuffix(words.back(), ",");
  return std::string(last.substr(last.rfind('.') + 1));
}

}  // namespace

ObjectComments ReadObjectComments(absl::string_view sql) {
  const std::vector<absl::string_view> lines = absl::StrSplit(sql, '\n');
  const bool is_view = absl::StartsWith(lines.front(), "CREATE VIEW");
  ObjectComments comments;
  std::string* current = &comments.meaning;  // what a line of its own goes on with
  for (size_t i = 1; i < lines.size(); ++i) {
    const size_t mark = lines[i].find(kMark);
    const absl::string_view code = absl::StripAsciiWhitespace(lines[i].substr(0, mark));
    const bool has_comment = mark != absl::string_view::npos;
    if (!code.empty()) {
      current = has_comment ? &comments.columns[ColumnOf(code, is_view)] : nullptr;
    }
    if (!has_comment || current == nullptr) continue;
    const absl::string_view text = absl::StripAsciiWhitespace(lines[i].substr(mark + kMark.size()));
    absl::StrAppend(current, current->empty() ? "" : " ", text);
  }
  return comments;
}

}  // namespace firstguess
