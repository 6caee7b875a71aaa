#include "coordinator/service/sweep_messages.h"

#include <optional>
#include <string>

namespace firstguess {

v1::SweepStatus ToProto(const SweepView& sweep, const View& view) {
  const SweepCounters& counters = sweep.counters;
  const int64_t over = counters.done + counters.failed + counters.cancelled;
  v1::SweepStatus status;
  status.set_sweep_id(sweep.sweep_id);
  status.set_name(sweep.name);
  status.set_revision(sweep.revision);
  status.set_state(std::string(SweepStateName(sweep.state)));
  status.set_priority(sweep.priority);
  status.set_cells(counters.cells);
  status.set_done(counters.done);
  status.set_failed(counters.failed);
  status.set_cancelled(counters.cancelled);
  status.set_leased(counters.leased);
  status.set_pending(counters.cells - over - counters.leased);
  status.set_diverged(counters.diverged);
  status.set_created_at(absl::ToDoubleSeconds(sweep.created_at - absl::UnixEpoch()));
  if (sweep.finished_at.has_value()) {
    status.set_finished_at(absl::ToDoubleSeconds(*sweep.finished_at - absl::UnixEpoch()));
  }
  if (const std::optional<View::Pace> pace = view.PaceOf(sweep)) {
    status.set_trials_per_second(pace->trials_per_second);
    status.set_remaining_seconds(pace->remaining_seconds);
  }
  status.set_waiting_reason(sweep.waiting_reason);
  return status;
}

v1::WorkerStatus ToProto(const WorkerView& worker) {
  v1::WorkerStatus status;
  status.set_name(worker.worker.name);
  status.set_instance_id(worker.worker.instance_id);
  status.set_device(worker.worker.device);
  status.set_device_name(worker.worker.device_name);
  status.set_state(worker.state);
  status.set_reason(worker.worker.cannot_work_reason);
  status.set_leases(worker.leases);
  status.set_trials_done(worker.trials_done);
  status.set_heartbeat_age_seconds(absl::ToDoubleSeconds(worker.heartbeat_age));
  status.set_build(worker.worker.build);
  status.set_trainer_seconds(worker.trainer_time.seconds);
  status.set_trainer_busy_seconds(worker.trainer_time.busy_seconds);
  status.set_job(worker.worker.job);
  status.set_log(worker.worker.log);
  return status;
}

}  // namespace firstguess
