#pragma once

#include <optional>

#include "absl/time/time.h"

namespace firstguess {

// How long one trainer's processes have lived, and how much of that they have trained: from when
// they got a pack until they reported its end, less what they say was spent on other things.
// Thread-compatible. Times are monotonic.
class TrainerClock {
 public:
  void OnStart(absl::Duration now) { started_ = now; }
  void OnExit(absl::Duration now);
  void OnPackBegun(absl::Duration now) { begun_ = now; }
  // `aside`: the part of it that was not training.
  void OnPackEnded(absl::Duration now, absl::Duration aside);

  absl::Duration Lived(absl::Duration now) const;
  absl::Duration Busy(absl::Duration now) const;

 private:
  std::optional<absl::Duration> started_;  // the process that lives
  std::optional<absl::Duration> begun_;    // the pack in training
  absl::Duration lived_;                   // processes that ended
  absl::Duration busy_;                    // packs that ended
};

}  // namespace firstguess
