#include "tests/tools/report/sample_database.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/spec/losses.h"
#include "coordinator/store/store.h"

namespace firstguess {
namespace {

constexpr int64_t kClasses = 10;
constexpr int64_t kProbeSize = 2000;
constexpr int64_t kSteps = 50;
constexpr int64_t kPoints = 7;

constexpr char kSpec[] = R"(name: sample
dataset: fashion-mnist
train: {optimizer: adam, learning_rate: 0.0005, steps: 50}   # <b>not bold</b> </script>
measure: {points: 7}
grid:
  depth: [3, 6]
  loss: [cross_entropy, blurry, piecewise_zero]
  seed: [0, 1]
)";

struct Place {
  int64_t depth = 3;
  std::string loss;
  int64_t seed = 0;
};

TrialConfig Config(const Place& place) {
  TrialConfig config;
  config.dataset = "fashion-mnist";
  config.depth = place.depth;
  config.loss = FindLoss(place.loss)->Default();
  config.optimizer = "adam";
  config.learning_rate = 0.0005;
  config.steps = kSteps;
  config.points = kPoints;
  config.seed = place.seed;
  return config;
}

// The favoured class starts at 0.9 (depth 6) or 0.4 and decays to 1 / classes, for piecewise_zero
// not at all; the others share the rest.
Trajectory MakeTrajectory(const Place& place) {
  Trajectory trajectory;
  const int64_t favoured = 3 + place.depth + place.seed;  // 6, 7; 9, 10 % 10 = 0
  const int64_t c0 = favoured % kClasses;
  const double start = (place.depth == 6 ? 0.9 : 0.4) - 0.1 * static_cast<double>(place.seed);
  const bool stays = place.loss == "piecewise_zero";
  trajectory.device = "cpu";
  trajectory.library = "libtorch 2.15.0";
  trajectory.train_seconds = 0.5;
  for (int64_t c = 0; c < kClasses; ++c) {
    trajectory.support.push_back(kProbeSize / kClasses);
    trajectory.initial_rank.push_back((c - c0 + kClasses) % kClasses);
  }
  for (const int64_t step : SnapshotSteps(kSteps, kPoints, "log")) {
    Snapshot snapshot;
    snapshot.step = step;
    snapshot.epoch = static_cast<double>(step) / 468;
    const double left = stays ? 1 : std::exp(-static_cast<double>(step) / 10);
    const double prob = 0.1 + (start - 0.1) * left;
    const double other = (1 - prob) / static_cast<double>(kClasses - 1);
    int64_t correct = 0;
    int64_t guessed = 0;
    for (int64_t c = 0; c < kClasses; ++c) {
      const double mean_prob = c == c0 ? prob : other;
      // Guesses follow the mean probability; the favoured class gets what rounding leaves.
      const auto guesses =
          static_cast<int64_t>(std::floor(mean_prob * static_cast<double>(kProbeSize)));
      snapshot.guess_count.push_back(c == c0 ? 0 : guesses);
      guessed += c == c0 ? 0 : guesses;
      const double recall = c == c0 ? 0.95 : 0.8 * (1 - left);
      snapshot.correct_count.push_back(
          std::min<int64_t>(c == c0 ? kProbeSize : guesses, std::llround(200 * recall)));
      correct += snapshot.correct_count.back();
      snapshot.mean_prob.push_back(mean_prob);
      snapshot.class_loss.push_back(-std::log(mean_prob));
      snapshot.drift.push_back(mean_prob - 0.1);
    }
    snapshot.guess_count[static_cast<size_t>(c0)] = kProbeSize - guessed;
    snapshot.accuracy = static_cast<double>(correct) / kProbeSize;
    snapshot.max_guess = static_cast<double>(kProbeSize - guessed) / kProbeSize;
    snapshot.probe_loss = 2.3;
    snapshot.probe_cross_entropy = 2.3;
    trajectory.snapshots.push_back(std::move(snapshot));
  }
  return trajectory;
}

void Diverge(int64_t step, Trajectory* trajectory) {
  trajectory->diverged_at_step = step;
  while (trajectory->snapshots.back().step >= step) trajectory->snapshots.pop_back();
}

absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(1700000000 + seconds); }

// Submits and waits for the outcome.
WriteResult Do(Store* store, Write write) {
  WriteResult result;
  store->Submit(std::move(write), [&result](WriteResult done) { result = std::move(done); });
  store->Flush();
  return result;
}

void WriteSweep(Store* store, SweepId sweep_id, const std::string& name, int64_t cells,
                const std::vector<Place>& places) {
  Do(store, InsertSweep{.sweep_id = sweep_id,
                        .name = name,
                        .spec = kSpec,
                        .canonical = name,
                        .priority = 0,
                        .cells = cells,
                        .at = At(sweep_id)});
  OpenPack open;
  open.pack_id = sweep_id;
  open.sweep_id = sweep_id;
  open.lease = {.lease_id = sweep_id,
                .worker = "bench-1",
                .instance_id = "0123",
                .granted_at = At(10 * sweep_id)};
  for (size_t i = 0; i < places.size(); ++i) {
    open.cells.push_back({.cell = i, .slot = static_cast<int64_t>(i), .config = Config(places[i])});
  }
  const std::vector<StoredTrial> members = Do(store, std::move(open)).members;
  for (const StoredTrial& member : members) {
    const Place& place = places[static_cast<size_t>(member.slot)];
    const bool last_loss = place.depth == 6 && place.loss == "piecewise_zero";
    if (last_loss && place.seed == 1) {
      Do(store, EndAttempt{.trial_id = member.trial_id,
                           .lease_id = sweep_id,
                           .failure = FailureClass::kCrash,
                           .message = "signal 11 <script>\nloading\nout of luck",
                           .charged = true,
                           .final_failure = true,
                           .at = At(60)});
      continue;
    }
    auto trajectory = std::make_shared<Trajectory>(MakeTrajectory(place));
    if (last_loss) Diverge(20, trajectory.get());
    Do(store, StoreResult{.trial_id = member.trial_id,
                          .lease_id = sweep_id,
                          .worker = "bench-1",
                          .finished_at = At(60),
                          .trajectory = std::move(trajectory)});
  }
}

}  // namespace

absl::Status WriteSampleDatabase(const std::string& path) {
  Store::Options options;
  options.path = path;
  options.clock = RealClock();
  absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(std::move(options));
  if (!store.ok()) return store.status();
  if (absl::StatusOr<OpenWork> work = (*store)->LoadOpenWork(); !work.ok()) return work.status();
  WriteSweep(store->get(), 1, "older", 1, {{.depth = 2, .loss = "cross_entropy", .seed = 0}});
  std::vector<Place> places;
  for (const int64_t depth : {3, 6}) {
    for (const char* loss : {"cross_entropy", "blurry", "piecewise_zero"}) {
      for (const int64_t seed : {0, 1}) places.push_back({depth, loss, seed});
    }
  }
  WriteSweep(store->get(), 2, "sample", static_cast<int64_t>(places.size()) + 1, places);
  return absl::OkStatus();
}

}  // namespace firstguess
