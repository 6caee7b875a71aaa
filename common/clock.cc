#include "common/clock.h"

#include <chrono>

#include "absl/time/clock.h"

namespace firstguess {
namespace {

class MachineClock final : public Clock {
 public:
  absl::Time WallNow() override { return absl::Now(); }
  absl::Duration MonotonicNow() override {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace

Clock* RealClock() {
  static MachineClock* const clock = new MachineClock;
  return clock;
}

SimulatedClock::SimulatedClock()
    : wall_(absl::FromUnixSeconds(1767225600)), monotonic_(absl::ZeroDuration()) {}

absl::Time SimulatedClock::WallNow() {
  MutexLock lock(&mutex_);
  return wall_;
}

absl::Duration SimulatedClock::MonotonicNow() {
  MutexLock lock(&mutex_);
  return monotonic_;
}

void SimulatedClock::Advance(absl::Duration by) {
  MutexLock lock(&mutex_);
  wall_ += by;
  monotonic_ += by;
}

}  // namespace firstguess
