#include <algorithm>

#include "absl/strings/str_cat.h"
#include "coordinator/state/impl.h"

namespace firstguess {

std::vector<SweepView> State::Sweeps() const {
  std::vector<SweepView> views;
  for (const auto& [id, sweep] : impl_->sweeps) {
    views.push_back({.sweep_id = id,
                     .name = sweep.name,
                     .revision = sweep.revision,
                     .state = sweep.state,
                     .priority = sweep.priority,
                     .counters = sweep.counters,
                     .created_at = sweep.created_at,
                     .finished_at = sweep.finished_at,
                     .waiting_reason = impl_->WaitingReason(sweep)});
  }
  return views;
}

std::vector<WorkerView> State::Workers(absl::Duration now) const {
  std::vector<WorkerView> views;
  for (const auto& [ordinal, worker] : impl_->workers_by_ordinal) {
    int64_t trials = 0;
    for (const Lease* lease : worker->leases) trials += lease->open;
    views.push_back({.worker = worker->description,
                     .state = std::string(WorkerStateName(worker->state)),
                     .leases = static_cast<int64_t>(worker->leases.size()),
                     .trials = trials,
                     .trials_done = worker->trials_done,
                     .heartbeat_age = now - worker->heard_at,
                     .trainer_time = worker->trainer_time.value_or(TrainerTime())});
  }
  return views;
}

TrainerTime State::trainer_time() const { return impl_->trainer_time; }

// Empty when something of the sweep runs, or is about to.
std::string State::Impl::WaitingReason(const SweepRecord& sweep) const {
  if (sweep.state == SweepState::kPaused) return sweep.pause_reason;
  if (sweep.state != SweepState::kRunning || sweep.counters.leased > 0) return "";
  if (disk_full) return "disk full";
  std::string unable;
  std::vector<const Worker*> able;
  for (const auto& [ordinal, worker] : workers_by_ordinal) {
    if (worker->state == WorkerState::kConnected) able.push_back(worker);
    if (worker->state == WorkerState::kCannotWork) {
      unable =
          absl::StrCat("no connected worker can work: ", worker->description.cannot_work_reason);
    }
    if (worker->state == WorkerState::kDraining) unable = "every connected worker is draining";
  }
  if (able.empty()) return unable.empty() ? "no worker is connected" : unable;

  std::vector<std::shared_ptr<const Shape>> shapes;
  for (const auto& [key, ready] : sweep.ready) shapes.push_back(packs.at(*ready.begin())->shape);
  if (!sweep.fully_opened()) {
    const auto& [plan, cursor] = sweep.plans[sweep.opening];
    shapes.push_back(ShapeOf(plan->grid().ConfigAt(plan->CellAt(cursor))));
  }
  if (shapes.empty()) return "";
  std::string refusal;
  for (const Worker* worker : able) {
    if (!MeetsRequirements(worker->description, sweep.sweep->needs)) continue;
    for (const auto& shape : shapes) {
      if (CanRun(*worker, *shape)) return "";
      const auto barred = worker->barred.find(shape->key);
      if (barred != worker->barred.end())
        refusal = absl::StrCat("; a worker said: ", barred->second);
    }
  }
  return absl::StrCat("no connected worker can run it: needs ",
                      NeedsText(sweep.sweep->needs, *shapes.front()), refusal);
}

}  // namespace firstguess
