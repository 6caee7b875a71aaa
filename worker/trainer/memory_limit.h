#pragma once

#include <cstdint>

#include "absl/status/status.h"

namespace firstguess::trainer {

// Lets this process have `bytes` of memory of its own (RLIMIT_DATA: what it shares with others, as
// libraries and data sets, does not count). More is then refused to the one who asks, a tile for
// instance, instead of the kernel ending some process when the machine has no more.
// FailedPrecondition, and nothing is limited, if the process has more than that already. A program
// built with a sanitizer, which has terabytes of address space for itself, is not limited.
absl::Status LimitMemory(int64_t bytes);

}  // namespace firstguess::trainer
