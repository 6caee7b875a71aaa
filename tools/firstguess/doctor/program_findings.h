#pragma once

#include <string>
#include <vector>

#include "tools/firstguess/context.h"
#include "tools/firstguess/doctor/finding.h"

namespace firstguess {

// Of the programs beside this one: their versions, and what the trainer says of devices and data
// sets, which it looks for in these folders.
Findings ProgramFindings(const std::vector<std::string>& data_folders, const Context& context);

}  // namespace firstguess
