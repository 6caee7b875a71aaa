// The LibTorch trainer on files in CIFAR-10's format.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <map>
#include <numeric>

#include "common/spec/losses.h"
#include "tests/worker/trainer/data/cifar_files.h"
#include "tests/worker/trainer/same_trajectory.h"
#include "worker/trainer/trainer.h"

namespace firstguess::trainer {
namespace {

class OneTrial : public TrialSink {
 public:
  void OnFinished(int64_t trial, Trajectory trajectory) override {
    finished.emplace(trial, std::move(trajectory));
  }
  void OnFailed(int64_t trial, absl::Status error) override {
    ADD_FAILURE() << trial << ": " << error;
  }

  std::map<int64_t, Trajectory> finished;
};

// A trainer beside striped images (cifar_files.h), which a small network tells apart within a few
// updates.
class CifarTraining : public testing::Test {
 protected:
  void SetUp() override {
    WriteStripedCifar10(folder_, "cifar-10/cifar-10-batches-bin");
    TrainerOptions options;
    options.data_dirs = {folder_.path()};
    absl::StatusOr<std::unique_ptr<PackTrainer>> made = MakeTorchTrainer(options);
    ASSERT_TRUE(made.ok()) << made.status();
    trainer_ = *std::move(made);
  }

  const TemporaryFolder folder_;
  std::unique_ptr<PackTrainer> trainer_;
};

TEST_F(CifarTraining, AnMlpLearnsFromThreeChannels) {
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
  OneTrial collector;
  const std::atomic<bool> stop{false};
  ASSERT_TRUE(trainer_->Train({{0, config}, {1, blurry}}, collector, stop).ok());

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

TEST_F(CifarTraining, ResnetsAndCnnsTrainAndATrialIsTheSameToTheBitAgain) {
  TrialConfig resnet;
  resnet.dataset = "cifar-10";
  resnet.model = "resnet50";
  resnet.width = 4;
  resnet.steps = 4;
  resnet.points = 4;
  resnet.batch_size = 16;
  resnet.probe_size = 64;
  resnet.logit_bias = -0.5;
  TrialConfig cnn = resnet;
  cnn.model = "cnn";
  cnn.width = 8;
  cnn.depth = 3;
  cnn.norm = "batch_norm";
  cnn.norm_statistics = "running";
  cnn.steps = 25;
  cnn.points = 3;
  cnn.batch_size = 32;
  const std::atomic<bool> stop{false};
  for (const TrialConfig& config : {resnet, cnn}) {
    SCOPED_TRACE(config.model);
    TrialConfig other = config;
    other.seed = 1;
    OneTrial together, alone;
    ASSERT_TRUE(trainer_->Train({{0, other}, {1, config}}, together, stop).ok());
    ASSERT_TRUE(trainer_->Train({{1, config}}, alone, stop).ok());
    ASSERT_EQ(together.finished.size(), 2u);
    ASSERT_EQ(alone.finished.size(), 1u);
    const Trajectory& trajectory = alone.finished[1];
    ExpectSameBits(together.finished[1], trajectory);
    EXPECT_EQ(trajectory.diverged_at_step, -1);
    EXPECT_EQ(trajectory.pack_size, 1);
    EXPECT_EQ(trajectory.snapshots.back().step, config.steps);
    EXPECT_NE(trajectory.snapshots.back().mean_prob, trajectory.snapshots.front().mean_prob);
    EXPECT_NE(together.finished[0].snapshots.front().mean_prob,
              trajectory.snapshots.front().mean_prob);
    if (config.model == "cnn") {
      EXPECT_GT(trajectory.snapshots.back().accuracy, 0.5);
    }
  }
}

}  // namespace
}  // namespace firstguess::trainer
