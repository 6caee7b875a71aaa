#include "tests/coordinator/service/fake_trajectory.h"

#include <cmath>

#include "common/spec/datasets.h"

namespace firstguess {

Trajectory FakeTrajectory(const TrialConfig& config) {
  const DatasetInfo dataset = DatasetOf(config);
  const int64_t classes = dataset.classes();
  const int64_t favoured = config.seed % classes;
  const int64_t each = config.probe_size / classes;
  Trajectory trajectory;
  for (int64_t c = 0; c < classes; ++c) {
    trajectory.support.push_back(c > 0 ? each : config.probe_size - (classes - 1) * each);
    trajectory.initial_rank.push_back(c == favoured ? 0 : c < favoured ? c + 1 : c);
  }
  for (const int64_t step : SnapshotSteps(config.steps, config.points, config.spacing)) {
    Snapshot snapshot;
    snapshot.step = step;
    snapshot.epoch = static_cast<double>(step) / 100;
    snapshot.probe_loss = 2.3 / (1.0 + static_cast<double>(step));
    snapshot.probe_cross_entropy = snapshot.probe_loss;
    snapshot.max_guess = 1;
    for (int64_t c = 0; c < classes; ++c) {
      snapshot.guess_count.push_back(c == favoured ? config.probe_size : 0);
      snapshot.correct_count.push_back(c == favoured ? trajectory.support[c] : 0);
      snapshot.mean_prob.push_back(1.0 / static_cast<double>(classes));
      snapshot.class_loss.push_back(std::log(static_cast<double>(c + 2)) * config.init_scale);
      snapshot.drift.push_back(0);
    }
    trajectory.snapshots.push_back(std::move(snapshot));
  }
  trajectory.device = "cpu";
  trajectory.library = "none";
  trajectory.train_seconds = 0.25;
  return trajectory;
}

}  // namespace firstguess
