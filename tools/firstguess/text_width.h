#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"

namespace firstguess {

// One character of UTF-8 text as a terminal shows it. Bytes that are no UTF-8 stand for themselves.
struct TerminalCharacter {
  size_t bytes = 1;
  int columns = 1;  // 0: it combines with the one before; 2: East Asian and emoji
};

// The first one of `text`. REQUIRES: not empty.
TerminalCharacter FirstCharacter(absl::string_view text);

}  // namespace firstguess
