#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace firstguess {

struct DescribedColumn {
  std::string name;
  std::string type;  // INTEGER, REAL or TEXT
  std::string meaning;
};

struct DescribedTable {
  std::string name;
  bool is_view = false;
  std::string meaning;
  std::vector<DescribedColumn> columns;  // in the order of SELECT *
};

// The tables and views of the schema that this program writes, in the order in which they are made.
// Everything is read from the schema's own SQL: names and types as SQLite understands it, meanings
// from its comments (ReadObjectComments). A view's column without a comment means what the table's
// column that it shows means; the comment of a computed one begins with its type ("REAL: …").
absl::StatusOr<std::vector<DescribedTable>> DataDictionary();

}  // namespace firstguess
