#include "common/notify/notifier.h"

#include <algorithm>
#include <utility>

#include "common/clock.h"
#include "common/log.h"

namespace firstguess {

Notifier::Notifier(Options options, Deliver deliver, GivenUp given_up)
    : options_(std::move(options)),
      deliver_(std::move(deliver)),
      given_up_(std::move(given_up)),
      thread_([this] { Run(); }) {}

Notifier::~Notifier() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
  std::vector<Delivery> left;
  {
    MutexLock lock(&mutex_);
    left.swap(waiting_);
  }
  for (const Delivery& delivery : left) {
    given_up_(delivery.sweep, absl::CancelledError("this program stops"));
  }
}

void Notifier::Tell(EndedSweep sweep) {
  {
    MutexLock lock(&mutex_);
    if (waiting_.size() < kMostWaiting) {
      waiting_.push_back({std::move(sweep), 0, RealClock()->MonotonicNow()});
      changed_.NotifyAll();
      return;
    }
  }
  given_up_(sweep, absl::ResourceExhaustedError("too many wait to be delivered"));
}

bool Notifier::idle() const {
  MutexLock lock(&mutex_);
  return waiting_.empty() && !under_way_;
}

bool Notifier::stopping() const {
  MutexLock lock(&mutex_);
  return stopping_;
}

void Notifier::Run() {
  while (std::optional<Delivery> delivery = AwaitDue()) {
    const absl::Status status = deliver_(delivery->sweep, [this] { return stopping(); });
    Settle(*std::move(delivery), status);
  }
}

std::optional<Notifier::Delivery> Notifier::AwaitDue() {
  MutexLock lock(&mutex_);
  while (!stopping_) {
    const auto next = std::min_element(
        waiting_.begin(), waiting_.end(),
        [](const Delivery& one, const Delivery& other) { return one.due < other.due; });
    if (next == waiting_.end()) {
      changed_.Wait(&mutex_);
      continue;
    }
    const absl::Duration left = next->due - RealClock()->MonotonicNow();
    if (left > absl::ZeroDuration()) {
      changed_.WaitFor(&mutex_, left);
      continue;
    }
    Delivery delivery = std::move(*next);
    waiting_.erase(next);
    under_way_ = true;
    return delivery;
  }
  return std::nullopt;
}

void Notifier::Settle(Delivery delivery, const absl::Status& status) {
  ++delivery.attempts;
  const bool again = !status.ok() && delivery.attempts < options_.attempts && !stopping();
  if (status.ok()) {
    Log(LogLevel::kInfo, "told of a sweep's end",
        {{"sweep", delivery.sweep.name}, {"place", options_.place}});
  } else if (again) {
    Log(LogLevel::kWarning, "telling of a sweep's end failed; it is tried again",
        {{"sweep", delivery.sweep.name}, {"place", options_.place}, {"why", status.message()}});
  } else {
    given_up_(delivery.sweep, status);
  }
  MutexLock lock(&mutex_);
  under_way_ = false;
  if (!again) return;
  delivery.due = RealClock()->MonotonicNow() + DelayAfter(delivery.attempts);
  waiting_.push_back(std::move(delivery));
}

absl::Duration Notifier::DelayAfter(int attempts) const {
  absl::Duration delay = options_.first_delay;
  for (int i = 1; i < attempts && delay < options_.longest_delay; ++i) delay *= 2;
  return std::min(delay, options_.longest_delay);
}

}  // namespace firstguess
