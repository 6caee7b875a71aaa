#pragma once

#include <string>
#include <vector>

#include "tools/firstguess/exit_codes.h"

namespace firstguess {

// What one of doctor's checks came to.
struct Finding {
  enum class Level { kOk, kWarning, kProblem };

  std::string check;
  Level level = Level::kOk;
  std::string message;          // a sentence
  std::string next = "";        // what to do; empty: nothing
  ExitCode code = kExitFailed;  // of a problem
};
using Findings = std::vector<Finding>;

}  // namespace firstguess
