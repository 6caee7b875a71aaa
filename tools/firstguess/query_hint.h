#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace firstguess {

// What to do about an SQL statement that SQLite refused with `message`: names the column or table
// that was probably meant, and where the right ones are listed. One line.
std::string QueryHint(absl::string_view message, absl::string_view sql);

}  // namespace firstguess
