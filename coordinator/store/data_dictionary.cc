#include "coordinator/store/data_dictionary.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "coordinator/store/migrations.h"
#include "coordinator/store/object_comments.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/sqlite/error.h"

namespace firstguess {
namespace {

// By table and column.
using Meanings = std::map<std::pair<std::string, std::string>, std::string>;

// Takes "REAL: " from the head of a computed column's comment.
void SplitType(DescribedColumn* column) {
  for (const absl::string_view type : {"INTEGER", "REAL", "TEXT"}) {
    const std::string head = absl::StrCat(type, ": ");
    if (!absl::StartsWith(column->meaning, head)) continue;
    column->type = std::string(type);
    column->meaning.erase(0, head.size());
  }
}

// `known` gains the table's columns, for the views that come after it.
absl::Status DescribeColumns(sqlite::Database* database, const ObjectComments& comments,
                             Meanings* known, DescribedTable* table) {
  const absl::StatusOr<sqlite::Statement> select =
      database->Prepare(absl::StrCat("SELECT * FROM ", table->name));
  if (!select.ok()) return select.status();
  for (int i = 0; i < select->columns(); ++i) {
    DescribedColumn column = {
        .name = select->ColumnName(i), .type = select->DeclaredType(i), .meaning = ""};
    const auto comment = comments.columns.find(column.name);
    const auto shown = known->find({select->OriginTable(i), select->OriginColumn(i)});
    if (comment != comments.columns.end()) {
      column.meaning = comment->second;
    } else if (shown != known->end()) {
      column.meaning = shown->second;
    }
    SplitType(&column);
    known->insert({{table->name, column.name}, column.meaning});
    table->columns.push_back(std::move(column));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<DescribedTable>> DataDictionary() {
  const absl::StatusOr<std::unique_ptr<sqlite::Database>> database =
      sqlite::Database::Open(":memory:", sqlite::Database::Mode::kCreate);
  if (!database.ok()) return database.status();
  FG_SQLITE_TRY(Migrate(database->get()));
  absl::StatusOr<sqlite::Statement> objects = (*database)->Prepare(
      "SELECT name, type = 'view', sql FROM sqlite_schema WHERE type IN ('table', 'view')"
      " AND name NOT LIKE 'sqlite_%' ORDER BY rowid");
  if (!objects.ok()) return objects.status();
  std::vector<DescribedTable> tables;
  Meanings known;
  for (;;) {
    const absl::StatusOr<bool> row = objects->Step();
    if (!row.ok()) return row.status();
    if (!*row) return tables;
    const ObjectComments comments = ReadObjectComments(objects->TextView(2));
    DescribedTable& table = tables.emplace_back();
    table.name = objects->Text(0);
    table.is_view = objects->Integer(1) != 0;
    table.meaning = comments.meaning;
    FG_SQLITE_TRY(DescribeColumns(database->get(), comments, &known, &table));
  }
}

}  // namespace firstguess
