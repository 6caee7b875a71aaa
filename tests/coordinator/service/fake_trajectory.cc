#include "tests/coordinator/service/fake_trajectory.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/spec/confusion_steps.h"
#include "common/spec/datasets.h"
#include "common/spec/list_fields.h"

namespace firstguess {
namespace {

void AddGroups(const TrialConfig& config, const std::vector<int64_t>& support, Snapshot& snapshot) {
  const size_t classes = support.size();
  if (HasGroup(config, "logits")) {
    snapshot.logit_mean.assign(classes, 0.25);
    snapshot.logit_variance.assign(classes, 1.5);
  }
  if (HasConfusionAt(config, snapshot.step)) {
    const auto favoured = config.seed % static_cast<int64_t>(classes);
    for (size_t c = 0; c < classes; ++c) {
      snapshot.confusion.push_back({static_cast<int64_t>(c), favoured, support[c]});
    }
  }
  if (HasGroup(config, "layers")) {
    for (int64_t layer = 0; layer <= config.depth; ++layer) {
      snapshot.layers.emplace_back().name = absl::StrCat("layers.", layer);
      snapshot.layers.back().weight_norm = 2;
    }
  }
  if (HasGroup(config, "noise")) {
    snapshot.noise.emplace().clean_examples = config.probe_size;
    snapshot.noise->kept_clean = 1;
  }
  if (HasGroup(config, "sharpness"))
    snapshot.sharpness = {-3.5, 0.125, config.sharpness_iterations};
}

}  // namespace

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
    AddGroups(config, trajectory.support, snapshot);
    trajectory.snapshots.push_back(std::move(snapshot));
  }
  trajectory.device = "cpu";
  trajectory.library = "none";
  trajectory.train_seconds = 0.25;
  return trajectory;
}

}  // namespace firstguess
