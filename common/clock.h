#pragma once

#include "absl/time/time.h"
#include "common/mutex.h"

namespace firstguess {

// Where time comes from. Everything that decides by time is given a clock, so that tests run on
// simulated time. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;

  // Wall-clock time: only for records that people read. May jump.
  virtual absl::Time WallNow() = 0;
  // Monotonic time since some fixed point: for leases, deadlines and rates.
  virtual absl::Duration MonotonicNow() = 0;
};

// The machine's clock. Lives for ever.
Clock* RealClock();

// A clock that moves only when told. Wall time starts at 2026-01-01 UTC, monotonic time at 0.
class SimulatedClock final : public Clock {
 public:
  SimulatedClock();
  absl::Time WallNow() override EXCLUDES(mutex_);
  absl::Duration MonotonicNow() override EXCLUDES(mutex_);
  void Advance(absl::Duration by) EXCLUDES(mutex_);

 private:
  Mutex mutex_;
  absl::Time wall_ GUARDED_BY(mutex_);
  absl::Duration monotonic_ GUARDED_BY(mutex_);
};

}  // namespace firstguess
