#include "coordinator/watchdog.h"

#include <utility>

namespace firstguess {

Watchdog::Watchdog(Coordinator* coordinator, absl::Duration interval,
                   std::function<void()> on_alive)
    : coordinator_(coordinator), interval_(interval), on_alive_(std::move(on_alive)) {}

void Watchdog::RunDue(absl::Duration now) {
  if (interval_ == absl::InfiniteDuration() || now < ask_at_ || *asked_) return;
  ask_at_ = now + interval_;
  *asked_ = true;
  coordinator_->WhenTurned([asked = asked_, on_alive = on_alive_] {
    on_alive();
    *asked = false;
  });
}

}  // namespace firstguess
