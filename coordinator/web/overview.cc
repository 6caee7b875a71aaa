#include "coordinator/web/overview.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

namespace firstguess {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kMostSweeps = 200;
constexpr size_t kMostWorkers = 500;

double UnixSeconds(absl::Time time) { return absl::ToDoubleSeconds(time - absl::UnixEpoch()); }

Json SweepJson(const SweepView& sweep, const View& view) {
  const SweepCounters& counters = sweep.counters;
  const std::optional<View::Pace> pace = view.PaceOf(sweep);
  return {{"name", sweep.name},
          {"revision", sweep.revision},
          {"state", std::string(SweepStateName(sweep.state))},
          {"priority", sweep.priority},
          {"cells", counters.cells},
          {"done", counters.done},
          {"failed", counters.failed},
          {"cancelled", counters.cancelled},
          {"leased", counters.leased},
          {"pending",
           counters.cells - counters.done - counters.failed - counters.cancelled - counters.leased},
          {"diverged", counters.diverged},
          {"created_at", UnixSeconds(sweep.created_at)},
          {"finished_at",
           sweep.finished_at.has_value() ? Json(UnixSeconds(*sweep.finished_at)) : Json()},
          {"trials_per_second", pace.has_value() ? Json(pace->trials_per_second) : Json()},
          {"remaining_seconds", pace.has_value() ? Json(pace->remaining_seconds) : Json()},
          {"waiting_reason", sweep.waiting_reason}};
}

// In whole percents, as heard_at is in whole seconds; null before the worker said anything.
Json BusyShare(const TrainerTime& time) {
  if (time.seconds <= 0) return {};
  return std::round(time.busy_seconds / time.seconds * 100) / 100;
}

Json WorkerJson(const WorkerView& worker, absl::Time now) {
  const WorkerDescription& description = worker.worker;
  return {{"name", description.name},
          {"instance_id", description.instance_id},
          {"device", description.device},
          {"device_name", description.device_name},
          {"state", worker.state},
          {"reason", description.cannot_work_reason},
          {"leases", worker.leases},
          {"trials", worker.trials},
          {"trials_done", worker.trials_done},
          {"busy", BusyShare(worker.trainer_time)},
          // In whole seconds, so that nothing changes while nothing is heard.
          {"heard_at", std::floor(UnixSeconds(now - worker.heartbeat_age))},
          {"build", description.build}};
}

bool IsOpen(const SweepView& sweep) {
  return sweep.state == SweepState::kRunning || sweep.state == SweepState::kPaused;
}

}  // namespace

Json OverviewJson(const View& view, absl::Time now) {
  std::vector<const SweepView*> sweeps;
  for (const SweepView& sweep : view.sweeps) sweeps.push_back(&sweep);
  std::sort(sweeps.begin(), sweeps.end(), [](const SweepView* a, const SweepView* b) {
    if (IsOpen(*a) != IsOpen(*b)) return IsOpen(*a);
    return a->sweep_id > b->sweep_id;
  });
  Json shown = Json::array();
  for (size_t i = 0; i < std::min(sweeps.size(), kMostSweeps); ++i) {
    shown.push_back(SweepJson(*sweeps[i], view));
  }
  Json workers = Json::array();
  for (size_t i = 0; i < std::min(view.workers.size(), kMostWorkers); ++i) {
    workers.push_back(WorkerJson(view.workers[i], now));
  }
  return {{"sweeps", std::move(shown)},
          {"sweeps_in_all", view.sweeps.size()},
          {"workers", std::move(workers)},
          {"workers_in_all", view.workers.size()}};
}

}  // namespace firstguess
