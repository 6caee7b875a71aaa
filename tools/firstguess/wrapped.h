#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firstguess {

// `text` in lines of at most `width` columns (0: any number), broken between words; a word that is
// wider has a line of its own. At least one line.
std::vector<std::string> Wrapped(absl::string_view text, int width);

}  // namespace firstguess
