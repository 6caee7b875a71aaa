#include "tools/firstguess/export/table_reader.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/hint.h"
#include "coordinator/store/data_dictionary.h"

namespace firstguess {
namespace {

// What tells a trial's rows apart, in the order that they are written in.
constexpr absl::string_view kOrder[] = {"sweep", "sweep_id", "revision", "cell",  "attempt",
                                        "step",  "class",    "layer",    "label", "guess"};

std::optional<ColumnType> TypeFromName(absl::string_view name) {
  if (name == "INTEGER") return ColumnType::kInteger;
  if (name == "REAL") return ColumnType::kReal;
  if (name == "TEXT") return ColumnType::kText;
  return std::nullopt;
}

// The type that the schema's comments give a computed column; none for one that this program does
// not know.
absl::StatusOr<std::optional<ColumnType>> DescribedType(const std::string& table,
                                                        const std::string& name) {
  const absl::StatusOr<std::vector<DescribedTable>> dictionary = DataDictionary();
  if (!dictionary.ok()) return dictionary.status();
  for (const DescribedTable& described : *dictionary) {
    for (const DescribedColumn& column : described.columns) {
      if (described.name == table && column.name == name) return TypeFromName(column.type);
    }
  }
  return std::nullopt;
}

absl::StatusOr<TableColumns> ColumnsOf(sqlite::Database* database, const std::string& table) {
  const absl::StatusOr<sqlite::Statement> select =
      database->Prepare(absl::StrCat("SELECT * FROM ", table, " LIMIT 0"));
  if (!select.ok()) return select.status();
  TableColumns columns;
  for (int i = 0; i < select->columns(); ++i) {
    const std::string name = select->ColumnName(i);
    absl::StatusOr<std::optional<ColumnType>> type = TypeFromName(select->DeclaredType(i));
    if (!type->has_value()) type = DescribedType(table, name);
    if (!type.ok()) return type.status();
    if (!type->has_value()) {
      return absl::FailedPreconditionError(absl::StrCat(database->path(), " has a column ", table,
                                                        ".", name,
                                                        " that this program does not know"));
    }
    columns.push_back({name, **type});
  }
  return columns;
}

bool Has(const TableColumns& columns, absl::string_view name) {
  return std::any_of(columns.begin(), columns.end(),
                     [&](const TableColumn& column) { return column.name == name; });
}

std::string SelectText(const std::string& table, const TableColumns& columns, bool one_sweep) {
  const auto name = [](std::string* out, const TableColumn& column) {
    absl::StrAppend(out, column.name);
  };
  std::string sql = absl::StrCat("SELECT ", absl::StrJoin(columns, ", ", name), " FROM ", table,
                                 " WHERE trial_id = ?1");
  if (one_sweep && Has(columns, "sweep")) absl::StrAppend(&sql, " AND sweep = ?2");
  if (one_sweep && Has(columns, "sweep_id")) {
    absl::StrAppend(&sql, " AND sweep_id = (SELECT sweep_id FROM sweep WHERE name = ?2)");
  }
  std::vector<absl::string_view> order;
  for (const absl::string_view column : kOrder) {
    if (Has(columns, column)) order.push_back(column);
  }
  if (!order.empty()) absl::StrAppend(&sql, " ORDER BY ", absl::StrJoin(order, ", "));
  return sql;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> TablesOfTrials(sqlite::Database* database) {
  absl::StatusOr<sqlite::Statement> select = database->Prepare(
      "SELECT name FROM sqlite_schema AS object WHERE type IN ('table', 'view')"
      " AND EXISTS (SELECT 1 FROM pragma_table_info(object.name) AS column"
      "             WHERE column.name = 'trial_id') ORDER BY object.rowid");
  if (!select.ok()) return select.status();
  std::vector<std::string> tables;
  for (;;) {
    const absl::StatusOr<bool> row = select->Step();
    if (!row.ok()) return row.status();
    if (!*row) return tables;
    tables.push_back(select->Text(0));
  }
}

absl::StatusOr<std::unique_ptr<TableReader>> TableReader::Open(sqlite::Database* database,
                                                               const std::string& table,
                                                               const std::string& sweep) {
  const absl::StatusOr<std::vector<std::string>> tables = TablesOfTrials(database);
  if (!tables.ok()) return tables.status();
  if (std::find(tables->begin(), tables->end(), table) == tables->end()) {
    const std::vector<absl::string_view> names(tables->begin(), tables->end());
    return absl::InvalidArgumentError(
        absl::StrCat(database->path(), " has no table or view of trials named '", table, "'",
                     Hint(table, names), "; it has ", absl::StrJoin(names, ", ")));
  }
  absl::StatusOr<TableColumns> columns = ColumnsOf(database, table);
  if (!columns.ok()) return columns.status();
  const bool has_sweeps = Has(*columns, "sweep") || Has(*columns, "sweep_id");
  const bool one_sweep = has_sweeps && !sweep.empty();
  absl::StatusOr<sqlite::Statement> select =
      database->Prepare(SelectText(table, *columns, one_sweep));
  if (!select.ok()) return select.status();
  if (one_sweep) select->Bind(2, sweep);
  return std::unique_ptr<TableReader>(
      new TableReader(*std::move(columns), has_sweeps, *std::move(select)));
}

absl::Status TableReader::Read(int64_t trial_id, TableBatch* batch) {
  batch->columns.resize(columns_.size());
  select_.Bind(1, trial_id);
  for (;;) {
    const absl::StatusOr<bool> row = select_.Step();
    if (!row.ok()) return row.status();
    if (!*row) return absl::OkStatus();
    AddRow(batch);
  }
}

void TableReader::AddRow(TableBatch* batch) const {
  for (size_t c = 0; c < columns_.size(); ++c) {
    ColumnValues& values = batch->columns[c];
    const int column = static_cast<int>(c);
    values.is_null.push_back(select_.IsNull(column) ? 1 : 0);
    switch (columns_[c].type) {
      case ColumnType::kInteger:
        values.integers.push_back(select_.Integer(column));
        break;
      case ColumnType::kReal:
        values.reals.push_back(select_.Real(column));
        break;
      case ColumnType::kText: {
        const absl::string_view text = select_.TextView(column);
        values.text.append(text.data(), text.size());
        values.text_ends.push_back(values.text.size());
        break;
      }
    }
  }
  ++batch->rows;
}

}  // namespace firstguess
