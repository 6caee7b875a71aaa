#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/notify/ended_sweep.h"

namespace firstguess {

// A command that runs longer is killed.
inline constexpr absl::Duration kLongestCommand = absl::Minutes(10);

// Runs `command` with /bin/sh, in a process group of its own, with the sweep's facts in its
// environment: nothing of the sweep is ever part of the shell's text. What it prints goes to
// standard error. Blocks until it ended, or until `stopping` says so: then it is left to itself.
// An error unless it ended with 0.
absl::Status RunCommand(const std::string& command, const EndedSweep& sweep,
                        const std::function<bool()>& stopping,
                        absl::Duration limit = kLongestCommand);

}  // namespace firstguess
