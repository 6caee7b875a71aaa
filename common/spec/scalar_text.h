#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess {

// The value of a plain scalar, stricter than YAML: what several readers would take for several
// values is refused. Errors (InvalidArgument) say what to write: "must be an integer, ...".

// Decimal digits with a sign or none; no leading zeros (octal for some), at most 2^53 - 1 in
// magnitude.
absl::StatusOr<int64_t> ParseInteger(absl::string_view text);

// A decimal number, with point and exponent or without; finite in binary64, and 0 only if it says
// so.
absl::StatusOr<double> ParseReal(absl::string_view text);

// Bytes: an integer, or one with KiB, MiB, GiB or TiB behind it.
absl::StatusOr<int64_t> ParseBytes(absl::string_view text);

}  // namespace firstguess
