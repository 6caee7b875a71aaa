#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/sqlite/database.h"
#include "tools/firstguess/export/table_batch.h"
#include "tools/firstguess/export/table_writer.h"

namespace firstguess {

// The rows of a table or a view by trial. Thread-bound to its database.
class TableReader {
 public:
  // The columns are those that the file has; `sweep` leaves out rows of other sweeps where rows
  // name one (empty: all). InvalidArgument: nothing of that name has trials, with the names that
  // have. `database` outlives the reader.
  static absl::StatusOr<std::unique_ptr<TableReader>> Open(sqlite::Database* database,
                                                           const std::string& table,
                                                           const std::string& sweep);

  // Adds the trial's rows to `batch`, by sweep, step and class.
  absl::Status Read(int64_t trial_id, TableBatch* batch);

  const TableColumns& columns() const { return columns_; }
  // Rows name sweeps: a done trial gains some when another sweep takes it up.
  bool has_sweeps() const { return has_sweeps_; }

 private:
  TableReader(TableColumns columns, bool has_sweeps, sqlite::Statement select)
      : columns_(std::move(columns)), has_sweeps_(has_sweeps), select_(std::move(select)) {}
  void AddRow(TableBatch* batch) const;

  const TableColumns columns_;
  const bool has_sweeps_;
  sqlite::Statement select_;
};

// Tables and views whose rows belong to trials, in the order in which the schema makes them.
absl::StatusOr<std::vector<std::string>> TablesOfTrials(sqlite::Database* database);

}  // namespace firstguess
