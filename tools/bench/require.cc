#include "tools/bench/require.h"

#include <cstdio>
#include <cstdlib>

namespace firstguess {

void Require(bool condition, const std::string& words) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", words.c_str());
  std::exit(1);
}

}  // namespace firstguess
