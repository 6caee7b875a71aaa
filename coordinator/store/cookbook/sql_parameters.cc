#include "coordinator/store/cookbook/sql_parameters.h"

#include <set>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace firstguess {
namespace {

// Where the token that begins at `begin` ends, if it is one in which nothing is replaced: a string,
// a quoted identifier or a comment; else `begin`. One that is not closed ends with the text.
size_t EndOfQuoted(absl::string_view sql, size_t begin) {
  const auto after = [&](absl::string_view close, size_t from) {
    const size_t at = sql.find(close, from);
    return at == absl::string_view::npos ? sql.size() : at + close.size();
  };
  switch (sql[begin]) {
    case '\'':
    case '"':
    case '`':
      return after(sql.substr(begin, 1), begin + 1);
    case '[':
      return after("]", begin + 1);
    case '-':
      return sql.substr(begin, 2) == "--" ? after("\n", begin + 2) : begin;
    case '/':
      return sql.substr(begin, 2) == "/*" ? after("*/", begin + 2) : begin;
    default:
      return begin;
  }
}

bool IsNameCharacter(char c) { return absl::ascii_isalnum(c) || c == '_'; }

}  // namespace

absl::StatusOr<std::string> WithParameters(absl::string_view sql,
                                           const std::map<std::string, std::string>& values) {
  std::string result;
  std::set<std::string> used;
  size_t at = 0;
  while (at < sql.size()) {
    const size_t quoted = EndOfQuoted(sql, at);
    if (quoted > at) {
      absl::StrAppend(&result, sql.substr(at, quoted - at));
      at = quoted;
      continue;
    }
    size_t end = at + 1;
    if (sql[at] == ':') {
      while (end < sql.size() && IsNameCharacter(sql[end])) ++end;
    }
    const std::string name(sql.substr(at + 1, end - at - 1));
    if (name.empty()) {
      result.push_back(sql[at++]);
      continue;
    }
    const auto value = values.find(name);
    if (value == values.end()) {
      return absl::InvalidArgumentError(absl::StrCat("the query's :", name, " has no value"));
    }
    result += value->second;
    used.insert(name);
    at = end;
  }
  for (const auto& [name, value] : values) {
    if (used.count(name) == 0) {
      return absl::InvalidArgumentError(absl::StrCat("the query has no :", name));
    }
  }
  return result;
}

std::string SqlLiteral(absl::string_view value) {
  double number = 0;
  const bool is_number = absl::SimpleAtod(value, &number) && !value.empty() &&
                         value.find_first_not_of("0123456789+-.eE") == absl::string_view::npos;
  if (is_number) return std::string(value);
  return absl::StrCat("'", absl::StrReplaceAll(value, {{"'", "''"}}), "'");
}

}  // namespace firstguess
