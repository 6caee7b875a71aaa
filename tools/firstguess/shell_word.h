#pragma once

#include <string>

#include "absl/strings/string_view.h"

namespace firstguess {

// `text` as one word of a shell's command line, so that printed commands can be pasted: in single
// quotes unless it is plain.
std::string ShellWord(absl::string_view text);

// The same of a file's name, which must not be taken for an option.
std::string ShellPath(absl::string_view path);

}  // namespace firstguess
