// The LibTorch trainer on files in CIFAR-10's format.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <map>
#include <numeric>

#include "common/spec/losses.h"
#include "tests/worker/trainer/data/cifar_files.h"
#include "worker/trainer/trainer.h"

namespace firstguess::trainer {
namespace {

class Collector : public TrialSink {
 public:
  void OnFinished(int64_t trial, Trajectory trajectory) override {
    finished.emplace(trial, std::move(trajectory));
  }
  void OnFailed(int64_t trial, absl::Status error) override {
    ADD_FAILURE() << trial << ": " << error;
  }

  std::map<int64_t, Trajectory> finished;
};

// Striped images (cifar_files.h), which a small network tells apart within a few updates.
TEST(CifarTraining, AnMlpLearnsFromThreeChannels) {
  const TemporaryFolder folder;
  WriteStripedCifar10(folder, "cifar-10/cifar-10-batches-bin");
  TrainerOptions options;
  options.data_dirs = {folder.path()};
  absl::StatusOr<std::unique_ptr<PackTrainer>> trainer = MakeTorchTrainer(options);
  ASSERT_TRUE(trainer.ok()) << trainer.status();

  TrialConfig config;
  config.dataset = "cifar-10";
  config.width = 16;
  config.depth = 2;
  config.steps = 100;
  config.points = 3;
  config.batch_size = 64;
  config.probe_size = 500;
  TrialConfig blurry = config;
  blurry.loss = FindLoss("blurry")->Default();
  Collector collector;
  const std::atomic<bool> stop{false};
  ASSERT_TRUE((*trainer)->Train({{0, config}, {1, blurry}}, collector, stop).ok());

  ASSERT_EQ(collector.finished.size(), 2u);
  for (const auto& [trial, trajectory] : collector.finished) {
    SCOPED_TRACE(trial);
    EXPECT_EQ(std::accumulate(trajectory.support.begin(), trajectory.support.end(), int64_t{0}),
              500);
    ASSERT_EQ(trajectory.snapshots.size(), 4u);
    EXPECT_EQ(trajectory.snapshots.back().step, 100);
    EXPECT_EQ(trajectory.snapshots.back().guess_count.size(), 10u);
    EXPECT_LT(trajectory.snapshots.front().accuracy, 0.5);
    EXPECT_GT(trajectory.snapshots.back().accuracy, 0.9);
  }
}

}  // namespace
}  // namespace firstguess::trainer
