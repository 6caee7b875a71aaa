#pragma once

#include <string>

#include "tools/firstguess/context.h"
#include "tools/firstguess/doctor/finding.h"

namespace firstguess {

// Of the file, its log, its disk, and the clock against its times; `thorough` reads all of it. With
// an empty path, only of the clock.
Findings DatabaseFindings(const std::string& path, bool thorough, Context* context);

}  // namespace firstguess
