#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "nlohmann/json_fwd.hpp"

namespace firstguess {

// JSON in the one form that RFC 8785 allows: no white space, keys sorted by UTF-16 code units,
// numbers as ECMAScript writes them (the shortest digits that read back as the same double), only
// the escapes that must be. Keys of trials are hashes of such text. Thread-safe.

// Appends a finite number; -0 is written 0.
void AppendJsonNumber(double number, std::string* out);

// Appends a quoted string. REQUIRES: `text` is UTF-8.
void AppendJsonString(absl::string_view text, std::string* out);

// The canonical text of a whole value. REQUIRES: finite numbers, integers of at most 2^53 in
// magnitude, UTF-8.
std::string CanonicalText(const nlohmann::json& value);

}  // namespace firstguess
