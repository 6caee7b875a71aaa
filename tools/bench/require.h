#pragma once

#include <string>

namespace firstguess {

// Ends the program with `words` unless `condition` holds: a benchmark that went wrong has no
// figures.
void Require(bool condition, const std::string& words);

}  // namespace firstguess
