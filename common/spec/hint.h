#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firstguess {

// The one of `known` that `word` was probably meant to be: few letters inserted, dropped, changed
// or swapped; the first of those equally near. Empty if none is near.
absl::string_view NearestWord(absl::string_view word, const std::vector<absl::string_view>& known);

// " (did you mean `width`?)", or nothing if no known word is near.
std::string Hint(absl::string_view word, const std::vector<absl::string_view>& known);

}  // namespace firstguess
