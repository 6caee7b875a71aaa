#pragma once

#include "absl/status/statusor.h"
#include "tools/firstguess/client.h"
#include "tools/firstguess/spec_file.h"
#include "tools/firstguess/sweep_numbers.h"

namespace firstguess {

struct Submission {
  SweepNumbers numbers;
  bool existed = false;  // the same sweep was there already
};

// Gives the sweep to the coordinator, under a request id of its own, so that a call that had to be
// repeated is one submission. AlreadyExists: another sweep has the name.
absl::StatusOr<Submission> SubmitSpec(const SweepClient& client, const SpecFile& spec);

}  // namespace firstguess
