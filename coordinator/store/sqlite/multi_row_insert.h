#pragma once

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/sqlite/statement.h"

namespace firstguess::sqlite {

// Inserts many short rows with few statements: a row in a statement of its own costs SQLite nearly
// twice as much processor time.
//
//   insert.Begin(2);
//   FG_SQLITE_TRY(insert.Add(1, "a"));
//   FG_SQLITE_TRY(insert.Add(2, "b"));  // now both are there
//
// Thread-bound to its database, which outlives it.
class MultiRowInsert {
 public:
  // `into`: INSERT INTO table (columns) without its VALUES; so many columns; `rows` >= 1 are
  // inserted by one statement, and what is left over, one by one.
  absl::Status Prepare(Database* database, const std::string& into, int columns, size_t rows);

  // So many rows follow.
  void Begin(size_t rows) {
    rows_left_ = rows;
    bound_ = 0;
  }

  // The next row, a value for each column. Its statement is run when all of its rows are there.
  template <typename... Values>
  absl::Status Add(const Values&... values) {
    const size_t together = rows_left_ >= rows_ ? rows_ : 1;
    Statement& statement = together == 1 ? one_ : many_;
    int index = static_cast<int>(bound_ * sizeof...(Values));
    (statement.Bind(++index, values), ...);
    if (++bound_ < together) return absl::OkStatus();
    bound_ = 0;
    rows_left_ -= together;
    return statement.Finish();
  }

 private:
  Statement one_;
  Statement many_;
  size_t rows_ = 1;  // of `many_`
  size_t rows_left_ = 0;
  size_t bound_ = 0;  // rows of the next statement
};

}  // namespace firstguess::sqlite
