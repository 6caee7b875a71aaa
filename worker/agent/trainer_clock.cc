#include "worker/agent/trainer_clock.h"

#include <algorithm>

namespace firstguess {

void TrainerClock::OnExit(absl::Duration now) {
  // What was in training came to nothing, but the trainer was busy with it.
  OnPackEnded(now, absl::ZeroDuration());
  lived_ = Lived(now);
  started_.reset();
}

void TrainerClock::OnPackEnded(absl::Duration now, absl::Duration aside) {
  if (begun_.has_value()) {
    const absl::Duration taken = now - *begun_;
    busy_ += taken - std::clamp(aside, absl::ZeroDuration(), taken);
  }
  begun_.reset();
}

absl::Duration TrainerClock::Lived(absl::Duration now) const {
  return started_.has_value() ? lived_ + (now - *started_) : lived_;
}

absl::Duration TrainerClock::Busy(absl::Duration now) const {
  return begun_.has_value() ? busy_ + (now - *begun_) : busy_;
}

}  // namespace firstguess
