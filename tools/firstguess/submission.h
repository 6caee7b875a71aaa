#pragma once

#include <optional>
#include <variant>

#include "tools/firstguess/client.h"
#include "tools/firstguess/failure.h"
#include "tools/firstguess/spec_change.h"
#include "tools/firstguess/spec_file.h"
#include "tools/firstguess/sweep_numbers.h"

namespace firstguess {

struct Submission {
  SweepNumbers numbers;
  bool existed = false;              // the same sweep was there already
  std::optional<SpecChange> change;  // it became the next revision of the sweep that was there
};

// Gives the sweep to the coordinator, under a request id of its own, so that a call that had to be
// repeated is one submission. If another spec has the name, it becomes the sweep's next revision
// with `extend`; without, the failure says what would change. `where` names the coordinator or its
// database in failures.
std::variant<Submission, Failure> SubmitSpec(const SweepClient& client, const SpecFile& spec,
                                             bool extend, const std::string& where);

}  // namespace firstguess
