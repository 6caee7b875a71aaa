#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/mutex.h"
#include "common/notify/ended_sweep.h"

namespace firstguess {

// Tells one place of sweeps that ended, on a thread of its own: again after a while if it failed,
// until it is given up. Whoever tells it never waits. What was not delivered when it is destroyed
// is given up.
//
// Thread-safe.
class Notifier {
 public:
  struct Options {
    std::string place = "";  // for the log
    int attempts = 10;
    absl::Duration first_delay = absl::Seconds(1);  // doubled by each attempt
    absl::Duration longest_delay = absl::Minutes(5);
  };
  // Delivers once; may block. `stopping`: nobody waits for it any more.
  using Deliver =
      std::function<absl::Status(const EndedSweep&, const std::function<bool()>& stopping)>;
  // Called on the notifier's thread, or by its destructor.
  using GivenUp = std::function<void(const EndedSweep&, const absl::Status& last)>;

  static constexpr size_t kMostWaiting = 1000;

  Notifier(Options options, Deliver deliver, GivenUp given_up);
  ~Notifier();
  Notifier(const Notifier&) = delete;
  Notifier& operator=(const Notifier&) = delete;

  // Never blocks. Beyond kMostWaiting the new one is given up at once.
  void Tell(EndedSweep sweep) EXCLUDES(mutex_);

  // Everything that it was told is delivered or given up.
  bool idle() const EXCLUDES(mutex_);

 private:
  struct Delivery {
    EndedSweep sweep;
    int attempts = 0;    // so far
    absl::Duration due;  // monotonic
  };

  void Run() EXCLUDES(mutex_);
  std::optional<Delivery> AwaitDue() EXCLUDES(mutex_);
  void Settle(Delivery delivery, const absl::Status& status) EXCLUDES(mutex_);
  bool stopping() const EXCLUDES(mutex_);
  absl::Duration DelayAfter(int attempts) const;

  const Options options_;
  const Deliver deliver_;
  const GivenUp given_up_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<Delivery> waiting_ GUARDED_BY(mutex_);
  bool under_way_ GUARDED_BY(mutex_) = false;
  bool stopping_ GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all others
};

}  // namespace firstguess
