#pragma once

#include <string>
#include <vector>

#include "tools/firstguess/context.h"

namespace firstguess {

// The whole program behind `main`: parses the arguments (without the program's name), runs the
// command and returns the exit code. Never throws.
int RunCli(const std::vector<std::string>& arguments, Context* context);

}  // namespace firstguess
