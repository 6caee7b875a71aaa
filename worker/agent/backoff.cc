#include "worker/agent/backoff.h"

#include <algorithm>

namespace firstguess {

absl::Duration Backoff::Next(absl::Duration now) {
  failing_since_ = std::min(failing_since_, now);
  const absl::Duration wait = now - failing_since_ >= absl::Minutes(1) ? absl::Seconds(30) : wait_;
  wait_ = std::min(2 * wait_, absl::Seconds(2));
  return wait * std::uniform_real_distribution<double>(0.5, 1)(random_);
}

void Backoff::Succeeded() {
  failing_since_ = absl::InfiniteDuration();
  wait_ = absl::Milliseconds(100);
}

}  // namespace firstguess
