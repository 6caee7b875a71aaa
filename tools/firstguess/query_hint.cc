#include "tools/firstguess/query_hint.h"

#include <set>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/hint.h"
#include "coordinator/store/data_dictionary.h"

namespace firstguess {
namespace {

constexpr absl::string_view kWhereToLook =
    "'firstguess schema' says what the tables and views hold; start with the views progress, "
    "trial_summary, initial_bias and trajectory.";

// The word after `introduction` in SQLite's message; empty if it is another one.
std::string Named(absl::string_view message, absl::string_view introduction) {
  const size_t found = message.find(introduction);
  if (found == absl::string_view::npos) return "";
  const absl::string_view rest = message.substr(found + introduction.size());
  return std::string(rest.substr(0, rest.find_first_of(" \n(;")));
}

// The words of a statement, in lower case; strings and comments are words too, which does no harm.
std::set<std::string> WordsOf(absl::string_view sql) {
  std::set<std::string> words;
  std::string word;
  for (const char c : absl::StrCat(sql, " ")) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_') {
      word += absl::ascii_tolower(static_cast<unsigned char>(c));
    } else if (!word.empty()) {
      words.insert(std::move(word));
      word.clear();
    }
  }
  return words;
}

std::string DidYouMean(const std::string& word, const std::vector<absl::string_view>& known) {
  const absl::string_view nearest = NearestWord(word, known);
  return nearest.empty() ? "" : absl::StrCat("Did you mean '", nearest, "'? ");
}

// Of the tables that the statement does not name.
std::string ElsewhereHint(const std::string& column, const std::set<std::string>& words,
                          const std::vector<DescribedTable>& tables) {
  for (const DescribedTable& table : tables) {
    if (words.count(table.name) > 0) continue;
    std::vector<absl::string_view> columns;
    for (const DescribedColumn& one : table.columns) columns.emplace_back(one.name);
    const absl::string_view nearest = NearestWord(column, columns);
    if (!nearest.empty()) {
      return absl::StrCat("Did you mean '", nearest, "', which is in ", table.name, "? ");
    }
  }
  return "";
}

std::string ColumnHint(std::string column, absl::string_view sql,
                       const std::vector<DescribedTable>& tables) {
  column.erase(0, column.rfind('.') + 1);
  const std::set<std::string> words = WordsOf(sql);
  std::vector<absl::string_view> columns;
  std::vector<std::string> lists;
  for (const DescribedTable& table : tables) {
    if (words.count(table.name) == 0) continue;
    std::vector<std::string> names;
    for (const DescribedColumn& one : table.columns) {
      columns.emplace_back(one.name);
      names.push_back(one.name);
    }
    lists.push_back(absl::StrCat("Columns of ", table.name, ": ", absl::StrJoin(names, ", "), "."));
  }
  if (lists.empty()) return std::string(kWhereToLook);
  std::string meant = DidYouMean(column, columns);
  if (meant.empty()) meant = ElsewhereHint(column, words, tables);
  return absl::StrCat(meant, absl::StrJoin(lists, " "),
                      " 'firstguess schema TABLE' says what they are.");
}

std::string TableHint(const std::string& table, const std::vector<DescribedTable>& tables) {
  std::vector<absl::string_view> names;
  for (const DescribedTable& one : tables) names.emplace_back(one.name);
  return absl::StrCat(DidYouMean(table, names), kWhereToLook);
}

}  // namespace

std::string QueryHint(absl::string_view message, absl::string_view sql) {
  const std::string column = Named(message, "no such column: ");
  const std::string table = Named(message, "no such table: ");
  if (column.empty() && table.empty()) return std::string(kWhereToLook);
  const absl::StatusOr<std::vector<DescribedTable>> tables = DataDictionary();
  if (!tables.ok()) return std::string(kWhereToLook);
  return column.empty() ? TableHint(table, *tables) : ColumnHint(column, sql, *tables);
}

}  // namespace firstguess
