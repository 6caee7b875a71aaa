#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "coordinator/service/engine.h"

// What is seen of the engine: views, counts and lines of the log.
namespace firstguess {
namespace {

constexpr absl::Duration kShowInterval = absl::Milliseconds(200);

}  // namespace

Engine::Numbers Engine::GetNumbers() {
  Numbers numbers = {.unacknowledged_results = budget_.results()};
  for (size_t i = 0; i < answered_results_.size(); ++i) {
    numbers.answered_results[i] = answered_results_[i].load(std::memory_order_relaxed);
  }
  MutexLock lock(&mutex_);
  numbers.queued_events = static_cast<int64_t>(queue_.size());
  return numbers;
}

void Engine::CountAnswer(ResultAckMessage::Outcome outcome) {
  answered_results_[static_cast<size_t>(outcome)].fetch_add(1, std::memory_order_relaxed);
}

void Engine::RecordProgress(const WriteResult& result) {
  for (const ChangedSweep& changed : result.sweeps) {
    rates_.Record(changed.sweep_id, changed.counters.done + changed.counters.failed,
                  options_.clock->MonotonicNow());
    const auto [seen, first] = seen_states_.try_emplace(changed.sweep_id, SweepState::kRunning);
    if (seen->second == changed.state) continue;
    show_at_once_ = true;
    seen->second = changed.state;
    LogState(changed);
  }
}

void Engine::LogState(const ChangedSweep& sweep) {
  const std::shared_ptr<const View> view = CurrentView();
  const SweepView* const named = view->FindSweep(sweep.sweep_id);
  const std::string name = named == nullptr ? "" : named->name;
  if (sweep.state != SweepState::kDone) {
    Log(LogLevel::kInfo, absl::StrCat("sweep is ", SweepStateName(sweep.state)),
        {{"sweep", name}, {"sweep_id", sweep.sweep_id}});
    return;
  }
  Log(sweep.counters.failed > 0 ? LogLevel::kWarning : LogLevel::kInfo, "sweep is done",
      {{"sweep", name},
       {"sweep_id", sweep.sweep_id},
       {"cells", sweep.counters.cells},
       {"done", sweep.counters.done},
       {"failed", sweep.counters.failed},
       {"cancelled", sweep.counters.cancelled}});
}

void Engine::ShowWatchers() {
  const absl::Duration now = options_.clock->MonotonicNow();
  if (!watchers_behind_ || (now < next_show_ && !show_at_once_)) return;
  const std::shared_ptr<const View> view = CurrentView();
  watchers_.erase(std::remove_if(watchers_.begin(), watchers_.end(),
                                 [&](const auto& watcher) { return !watcher->OnView(*view); }),
                  watchers_.end());
  watchers_behind_ = false;
  show_at_once_ = false;
  next_show_ = now + kShowInterval;
}

std::shared_ptr<const View> Engine::CurrentView() {
  if (view_ != nullptr) return view_;
  const absl::Duration now = options_.clock->MonotonicNow();
  auto view = std::make_shared<View>();
  view->sweeps = state_.Sweeps();
  view->workers = state_.Workers(now);
  view->trainer_time = state_.trainer_time();
  for (const SweepView& sweep : view->sweeps) {
    const double rate = rates_.PerSecond(sweep.sweep_id, now);
    if (rate > 0) view->trials_per_second[sweep.sweep_id] = rate;
  }
  const auto working =
      std::count_if(view->workers.begin(), view->workers.end(),
                    [](const WorkerView& worker) { return worker.state == "connected"; });
  view->flops_per_second = training_rate_.PerWorker() * static_cast<double>(working);
  view_ = view;
  return view_;
}

}  // namespace firstguess
