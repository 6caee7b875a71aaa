#pragma once

#include <string>
#include <vector>

#include "tools/firstguess/report/sweep_data.h"

namespace firstguess {

// The sentences of Findings (report.h); lines that start with two spaces belong to the one before.
std::vector<std::string> FindingsOf(const SweepData& data);

}  // namespace firstguess
