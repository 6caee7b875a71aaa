#include "tools/bench/query_number.h"

#include <sqlite3.h>

#include "absl/strings/str_cat.h"
#include "tools/bench/require.h"

namespace firstguess {

double QueryNumber(const std::string& database, const std::string& sql) {
  sqlite3* connection = nullptr;
  sqlite3_stmt* statement = nullptr;
  Require(
      sqlite3_open_v2(database.c_str(), &connection, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK &&
          sqlite3_prepare_v2(connection, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK &&
          sqlite3_step(statement) == SQLITE_ROW,
      absl::StrCat(database, ": ", sqlite3_errmsg(connection)));
  const double number = sqlite3_column_double(statement, 0);
  sqlite3_step(statement);
  sqlite3_finalize(statement);
  sqlite3_close(connection);
  return number;
}

}  // namespace firstguess
