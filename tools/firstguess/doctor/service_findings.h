#pragma once

#include <string>

#include "tools/firstguess/doctor/finding.h"

namespace firstguess {

// Of what listens at the address. `expected`: a coordinator must answer there; otherwise the
// address may as well be free.
Findings ServiceFindings(const std::string& address, bool expected);

}  // namespace firstguess
