#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "absl/time/time.h"
#include "coordinator/coordinator.h"

namespace firstguess {

// Says from time to time that a coordinator's state machine still turns, as long as it does: asks
// its thread and passes the answer on. What hangs is not spoken for, so that whoever listens
// (systemd) starts it anew. A disk that hangs is not a hang: the state machine waits for no commit,
// and a new process would meet the same disk.
//
// Not thread-safe; `on_alive` is called on the state machine's thread and must not block.
class Watchdog {
 public:
  // Every `interval`; infinite: never. `coordinator` outlives it.
  Watchdog(Coordinator* coordinator, absl::Duration interval, std::function<void()> on_alive);

  // To be called more often than `interval`, with the monotonic time.
  void RunDue(absl::Duration now);

 private:
  Coordinator* const coordinator_;
  const absl::Duration interval_;
  const std::function<void()> on_alive_;
  // Shared with the question that is on its way: there is one at most.
  const std::shared_ptr<std::atomic<bool>> asked_ = std::make_shared<std::atomic<bool>>(false);
  absl::Duration ask_at_ = absl::ZeroDuration();
};

}  // namespace firstguess
