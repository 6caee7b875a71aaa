#include "coordinator/store/object_comments.h"

#include <algorithm>
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

// Comments that are closed, which SQLite keeps of columns that were added to a table:
// ", name TYPE … /* meaning */".
void ReadClosedComments(absl::string_view sql, ObjectComments* comments) {
  for (size_t open = sql.find("/*"); open != absl::string_view::npos;) {
    const size_t close = std::min(sql.find("*/", open), sql.size());
    const absl::string_view code = sql.substr(0, open).substr(sql.rfind(',', open) + 1);
    const std::vector<absl::string_view> words =
        absl::StrSplit(code, absl::ByAnyChar(" \n"), absl::SkipEmpty());
    if (!words.empty()) {
      comments->columns[std::string(words.front())] =
          std::string(absl::StripAsciiWhitespace(sql.substr(open + 2, close - open - 2)));
    }
    open = sql.find("/*", close);
  }
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
  ReadClosedComments(sql, &comments);
  return comments;
}

}  // namespace firstguess
