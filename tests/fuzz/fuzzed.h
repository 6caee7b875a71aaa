#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace firstguess {

// Ends the program, which is how a fuzzer is told that an input is a find.
inline void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace firstguess
