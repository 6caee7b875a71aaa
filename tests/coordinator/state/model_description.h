#pragma once

#include <string>

#include "coordinator/state/writes.h"

namespace firstguess {

// A write that waits, and what one did that is not reported yet, in words: alike if they will do
// the same to the same store and state machine. Times, which only are recorded, are left out.
std::string DescribeWrite(const Write& write);
std::string DescribeResult(const WriteResult& result);

}  // namespace firstguess
