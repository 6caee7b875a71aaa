#pragma once

#include <string>

#include "common/clock.h"
#include "tools/firstguess/terminal.h"

namespace firstguess {

// What a command works with; everything in it outlives the command.
struct Context {
  Terminal* out = nullptr;  // answers
  Terminal* err = nullptr;  // complaints
  Clock* clock = RealClock();
  std::string program_folder;  // where this program lies; firstguess-worker lies beside it
};

}  // namespace firstguess
