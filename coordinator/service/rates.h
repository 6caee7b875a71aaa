#pragma once

#include <cstdint>
#include <deque>
#include <map>

#include "absl/time/time.h"
#include "coordinator/state/writes.h"

namespace firstguess {

// How fast sweeps advance: finished cells over the last minute. Thread-compatible.
class SweepRates {
 public:
  // `finished` cells (done or failed) by `now`, on a monotonic clock. A smaller number than before
  // (a retry) starts anew.
  void Record(SweepId sweep, int64_t finished, absl::Duration now);

  // Cells a second; 0 if nothing finished in the last minute.
  double PerSecond(SweepId sweep, absl::Duration now) const;

 private:
  struct Sample {
    absl::Duration at;
    int64_t finished = 0;
  };
  // At most one a second, and the latest; all but the first within the last minute.
  std::map<SweepId, std::deque<Sample>> samples_;
};

// How fast workers train, from the results that they sent. Old results count ever less.
// Thread-compatible.
class TrainingRate {
 public:
  void Record(double flops, double seconds);

  // Floating-point operations a second of one worker; 0: nothing was recorded.
  double PerWorker() const { return seconds_ > 0 ? flops_ / seconds_ : 0; }

 private:
  double flops_ = 0;
  double seconds_ = 0;
};

}  // namespace firstguess
