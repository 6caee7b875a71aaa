#include "tools/bench/bench_trials.h"

#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <random>

namespace firstguess {

TrialConfig BenchConfig(int64_t seed) {
  TrialConfig config;
  config.dataset = "fashion-mnist";
  config.optimizer = "adam";
  config.learning_rate = 0.0005;
  config.steps = 200;
  config.points = 29;
  config.seed = seed;
  return config;
}

std::shared_ptr<const Trajectory> BenchTrajectory(int64_t snapshots, int64_t classes) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> real(0, 1);
  auto trajectory = std::make_shared<Trajectory>();
  trajectory->device = "cpu";
  trajectory->library = "libtorch 2.15.0";
  trajectory->pack_size = 64;
  trajectory->train_seconds = 0.5;
  if (snapshots == 0) return trajectory;
  for (int64_t c = 0; c < classes; ++c) {
    trajectory->support.push_back(200);
    trajectory->initial_rank.push_back(c);
  }
  for (const int64_t step : SnapshotSteps(200, snapshots - 1, "log")) {
    Snapshot snapshot;
    snapshot.step = step;
    snapshot.epoch = static_cast<double>(step) / 468;
    for (double* scalar : {&snapshot.train_loss, &snapshot.grad_norm, &snapshot.probe_loss,
                           &snapshot.probe_cross_entropy, &snapshot.accuracy, &snapshot.max_guess,
                           &snapshot.guess_entropy, &snapshot.prob_entropy, &snapshot.mean_weight,
                           &snapshot.kept_fraction, &snapshot.tied_fraction}) {
      *scalar = real(random);
    }
    for (int64_t c = 0; c < classes; ++c) {
      snapshot.guess_count.push_back(static_cast<int64_t>(random() % 2000));
      snapshot.correct_count.push_back(static_cast<int64_t>(random() % 200));
      snapshot.mean_prob.push_back(real(random));
      snapshot.class_loss.push_back(real(random));
      snapshot.drift.push_back(real(random) - 0.5);
    }
    trajectory->snapshots.push_back(std::move(snapshot));
  }
  return trajectory;
}

BenchFolder::BenchFolder() {
  const char* base = getenv("TMPDIR");
  path_ = std::string(base == nullptr ? "/tmp" : base) + "/firstguess-bench-XXXXXX";
  if (mkdtemp(path_.data()) == nullptr) {
    std::perror(path_.c_str());
    std::exit(1);
  }
}

BenchFolder::~BenchFolder() { std::filesystem::remove_all(path_); }

}  // namespace firstguess
