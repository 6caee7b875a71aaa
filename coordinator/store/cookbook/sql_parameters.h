#pragma once

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// `sql` with every `:name` replaced by values.at(name), which is SQL: a literal or an expression.
// Names in strings, quoted identifiers and comments are left alone. InvalidArgument for a name
// without a value, and for a value without a name.
absl::StatusOr<std::string> WithParameters(absl::string_view sql,
                                           const std::map<std::string, std::string>& values);

// A value as people write it, as an SQL literal: a number stays a number, all else is text.
std::string SqlLiteral(absl::string_view value);

}  // namespace firstguess
