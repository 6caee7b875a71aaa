#pragma once

#include <string>

#include "common/rpc/channel.h"
#include "tools/firstguess/doctor/finding.h"

namespace firstguess {

// Of what listens at the address. `expected`: a coordinator must answer there; otherwise the
// address may as well be free.
Findings ServiceFindings(const std::string& address, const CallerSecurity& security, bool expected);

}  // namespace firstguess
