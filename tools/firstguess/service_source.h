#pragma once

#include "firstguess/v1/sweep_service.pb.h"
#include "tools/firstguess/sweep_numbers.h"

namespace firstguess {

// The same numbers as the coordinator sends them.
SweepNumbers FromProto(const v1::SweepStatus& status);

}  // namespace firstguess
