#pragma once

#include <cstdint>

#include "common/spec/trial.h"

namespace firstguess {

// What firstguess-fake-trainer does with a trial, by the trial's seed; with any other seed it
// finishes at once with FakeTrajectory. It speaks worker/ipc as firstguess-trainer does, holds no
// LibTorch, and takes these flags beside the trainer's:
//   --cannot-work WORDS   says that it can't work, and ends
//   --unless PATH         … unless this file exists
//   --exit-at-start CODE  ends before it is ready, with words on standard error
//   --print-environment   prints its environment
//   --checkpoint PREFIX   each result names the file PREFIX<trial id> as its checkpoint
// Its device's name is "pid N", so that a test can find the process. If the environment's
// FIRSTGUESS_FAKE_TRAINER_LEDGER names a file, the id of each trial that it finishes is added
// there.
enum FakeTrainerSeed : int64_t {
  kCrashes = 1'000'001,        // aborts, with words on standard error
  kHangs = 1'000'002,          // waits until it is stopped
  kHangsForGood = 1'000'003,   // does not listen any more
  kFails = 1'000'004,          // reports INVALID
  kExits = 1'000'005,          // ends with exit code 3, without a word
  kLeavesOut = 1'000'006,      // ends the pack without a report
  kTalksNonsense = 1'000'007,  // sends what is no message
  // Waits until the file named by the environment's FIRSTGUESS_FAKE_TRAINER_GATE exists, or until
  // it is stopped; then finishes.
  kWaitsAtGate = 1'000'008,
  kIncapable = 1'000'009,  // refuses the whole pack
};

}  // namespace firstguess
