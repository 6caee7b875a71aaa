#pragma once

#include <vector>

#include "common/spec/losses.h"

namespace firstguess {

// What KnownLosses() (losses.h) holds: the table itself.
std::vector<LossInfo> MakeKnownLosses();

}  // namespace firstguess
