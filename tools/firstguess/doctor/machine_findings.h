#pragma once

#include "tools/firstguess/doctor/finding.h"

namespace firstguess {

// Of this machine's limits.
Findings MachineFindings();

}  // namespace firstguess
