#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace firstguess {

// What stands before the elements of a one-dimensional array as numpy.save writes it (NumPy's
// format 1.0). `type` as NumPy names it: "<i8", "<f8", "|b1", "<U12".
std::string NpyHead(absl::string_view type, int64_t elements);

// The code points of a text, which are the elements of NumPy's str; bytes that are not UTF-8 become
// U+FFFD.
std::u32string CodePoints(absl::string_view text);

}  // namespace firstguess
