#pragma once

#include <random>

#include "absl/time/time.h"

namespace firstguess {

// How long to wait before the next try: 100 ms, doubled up to 2 s, 30 s after a minute without
// success; each with jitter (between half of it and all of it), so that workers that lost one
// coordinator do not come back at once. Thread-compatible.
class Backoff {
 public:
  explicit Backoff(uint64_t seed) : random_(seed) {}

  // `now` is monotonic time.
  absl::Duration Next(absl::Duration now);
  void Succeeded();

 private:
  std::mt19937_64 random_;
  absl::Duration failing_since_ = absl::InfiniteDuration();
  absl::Duration wait_ = absl::Milliseconds(100);
};

}  // namespace firstguess
