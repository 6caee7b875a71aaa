#pragma once

namespace firstguess {

// What the process ends with. Stable: scripts rely on these numbers (pinned by
// tests/tools/exit_codes_test.cc).
enum ExitCode : int {
  kExitDone = 0,          // diverged trials are done too; so is a closed output pipe
  kExitFailed = 1,        // the command itself failed
  kExitInput = 2,         // usage, spec or other input
  kExitUnreachable = 3,   // no coordinator answers
  kExitInterrupted = 4,   // stopped by a signal; the same command goes on where it was
  kExitTrialsFailed = 5,  // finished, with failed or cancelled trials
  kExitRefused = 6,       // by permission or a limit
};

}  // namespace firstguess
