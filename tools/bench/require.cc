#include "tools/bench/require.h"

#include <cstdio>
#include <cstdlib>

namespace firstguess {

void Require(bool condition, const std::string& words) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", words.c_str());
  // Other threads may be at work.
  std::_Exit(1);
}

}  // namespace firstguess
