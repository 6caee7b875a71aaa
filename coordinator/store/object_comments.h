#pragma once

#include <map>
#include <string>

#include "absl/strings/string_view.h"

namespace firstguess {

// What the comments in a CREATE statement say of the table or view and of its columns.
struct ObjectComments {
  std::string meaning;                         // of the whole
  std::map<std::string, std::string> columns;  // by name; only those with a comment
};

// Reads the comments ("-- …", and "/* … */" behind a column that was added to a table) of a CREATE
// TABLE or CREATE VIEW statement by where they stand:
//
// - on lines of their own below the first line: of the whole;
// - behind code: of a table's column that the line begins with, or of a view's column that the line
//   ends with; lines of their own that follow go on with it;
// - anywhere else: for whoever reads the SQL, and passed over.
ObjectComments ReadObjectComments(absl::string_view sql);

}  // namespace firstguess
