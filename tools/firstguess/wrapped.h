#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tools/firstguess/terminal.h"

namespace firstguess {

// `text` in lines of at most `width` columns (0: any number), broken between words; a word that is
// wider has a line of its own. At least one line.
std::vector<std::string> Wrapped(absl::string_view text, int width);

// "NAME  VALUE": the value in a column of its own, broken between words where the terminal asks.
// `name` may have escape sequences of its style.
void PrintNamed(absl::string_view name, int name_width, absl::string_view value,
                Terminal* terminal);

}  // namespace firstguess
