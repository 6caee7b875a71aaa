#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace firstguess {

// Runs a program to its end and returns what it wrote to standard output (1 MiB at most). A name
// without a slash is looked for on the PATH. NotFound: there is none. Unavailable: it ended
// otherwise than with 0, with what it complained of. DeadlineExceeded: it was killed after
// `patience`.
absl::StatusOr<std::string> RunProgram(const std::vector<std::string>& command,
                                       absl::Duration patience);

}  // namespace firstguess
