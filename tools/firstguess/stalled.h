#pragma once

#include <optional>
#include <string>

#include "absl/time/time.h"
#include "firstguess/v1/sweep_service.pb.h"
#include "tools/firstguess/sweep_numbers.h"

namespace firstguess {

// Notices that a sweep waits for something that none of its workers will ever have: a data set, a
// device, enough memory. A full disk or a worker that is still starting is no such thing.
// Thread-compatible.
class StallDetector {
 public:
  // How long all workers must have been there and idle: one may just be starting its trainer again.
  static constexpr absl::Duration kPatience = absl::Seconds(3);

  // `expected` is how many workers were started.
  explicit StallDetector(int expected) : expected_(expected) {}

  // The reason, in the words of the workers or of the coordinator, once there is no hope. `now` is
  // monotonic time. To be called about once a second.
  std::optional<std::string> Look(const v1::ListWorkersResponse& workers,
                                  const SweepNumbers& numbers, absl::Duration now);

 private:
  const int expected_;
  std::optional<absl::Duration> stalled_since_;
};

}  // namespace firstguess
