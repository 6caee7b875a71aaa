// Trials that go on from checkpoints: equal to the bit to those that nothing disturbed.

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "common/clock.h"
#include "tests/common/temporary_folder.h"
#include "tests/worker/trainer/same_trajectory.h"
#include "tests/worker/trainer/trainer_fixture.h"

namespace firstguess::trainer {
namespace {

// A second passes at each look. Training looks once an update, so `at` says after how many looks
// `then` happens.
class LookedAtClock final : public Clock {
 public:
  absl::Time WallNow() override { return absl::Now(); }
  absl::Duration MonotonicNow() override {
    if (++looks_ == at) then();
    return absl::Seconds(looks_);
  }

  int at = 0;
  std::function<void()> then = [] {};

 private:
  int looks_ = 0;
};

class GoOnTest : public TrainerTest {
 protected:
  // Trains `configs` with a trainer of its own, as another worker would, which writes a checkpoint
  // every three looks at its clock. After `looks`, if any: `interruption`, or a stop.
  static void Train(const std::vector<TrialConfig>& configs, const std::string& folder,
                    Collector& collector, int looks = 0, std::function<void()> interruption = {}) {
    LookedAtClock clock;
    clock.at = looks;
    clock.then = [&] {
      if (interruption) {
        interruption();
      } else {
        collector.stop = true;
      }
    };
    TrainerOptions options;
    options.checkpoints = {
        .folder = folder, .every = absl::Seconds(3), .program = "test", .clock = &clock};
    absl::StatusOr<std::unique_ptr<PackTrainer>> trainer = MakeTorchTrainer(options);
    ASSERT_TRUE(trainer.ok()) << trainer.status();
    std::vector<TrialTask> pack;
    for (const TrialConfig& config : configs) {
      pack.push_back({static_cast<int64_t>(pack.size()), config});
    }
    const absl::Status status = (*trainer)->Train(pack, collector, collector.stop);
    EXPECT_EQ(absl::IsCancelled(status), collector.stop) << status;
    EXPECT_TRUE(collector.failed.empty());
  }

  // How many files it has, of whatever name.
  static int64_t Files(const std::string& folder) {
    return std::distance(std::filesystem::directory_iterator(folder), {});
  }
};

// Some 70 looks from its beginning, some 40 from where the tests stop it. On data that each trainer
// makes quickly.
TrialConfig Long() {
  TrialConfig config = Small();
  config.dataset = "blobs";
  config.data_dimension = 64;
  config.data_train_per_class = 100;
  config.data_test_per_class = 50;
  config.width = 8;
  config.steps = 40;
  config.points = 8;
  return config;
}

// Trained alone, by autograd.
std::vector<TrialConfig> TrainedAlone() {
  TrialConfig mlp = Long();
  mlp.groups = "layers";
  mlp.optimizer = "momentum";
  mlp.schedule = "cosine";
  mlp.norm = "batch_norm";
  mlp.norm_statistics = "running";
  mlp.init_max_guess_max = 0.9;
  TrialConfig cnn = Long();
  cnn.model = "cnn";
  cnn.dataset = "fashion-mnist";
  cnn.width = 2;
  cnn.norm = "batch_norm";
  cnn.optimizer = "adam";
  cnn.learning_rate = 0.001;
  cnn.max_grad_norm = 0.5;
  TrialConfig sgd = Long();
  sgd.groups = "layers";
  return {mlp, cnn, sgd};
}

TEST_F(GoOnTest, ATrialThatWasStoppedGoesOnToTheSameBits) {
  for (const TrialConfig& config : TrainedAlone()) {
    SCOPED_TRACE(config.model + " " + config.optimizer);
    const TemporaryFolder folder;
    const Trajectory undisturbed = TrainOne(config);
    Collector stopped;
    Train({config}, folder.path(), stopped, 30);
    EXPECT_TRUE(stopped.finished.empty());
    EXPECT_EQ(Files(folder.path()), 1);
    Collector collector;
    // If it began anew, the second stop would come too early.
    Train({config}, folder.path(), collector, 50);
    ASSERT_EQ(collector.finished.size(), 1u);
    const Trajectory& went_on = collector.finished[0];
    ExpectSameBits(went_on, undisturbed);
    EXPECT_EQ(went_on.init_try, undisturbed.init_try);
    EXPECT_GT(went_on.train_seconds, 15) << "of the clock that the first part was timed by";
    EXPECT_GT(went_on.probe_seconds, 0);
    EXPECT_TRUE(std::filesystem::exists(went_on.checkpoint));
  }
}

TEST_F(GoOnTest, ATrialWhoseTrainerCrashedGoesOnFromWhatItWroteBefore) {
  TrialConfig config = TrainedAlone()[0];
  const TemporaryFolder folder;
  const TemporaryFolder crashed;
  Collector undisturbed;
  // What a crash at that moment would leave.
  Train({config}, folder.path(), undisturbed, 30, [&] {
    std::filesystem::copy(folder.path(), crashed.path(), std::filesystem::copy_options::recursive);
  });
  ASSERT_EQ(Files(crashed.path()), 1);
  ExpectSameBits(undisturbed.finished[0], TrainOne(config));
  Collector collector;
  Train({config}, crashed.path(), collector, 50);
  ASSERT_EQ(collector.finished.size(), 1u);
  ExpectSameBits(collector.finished[0], undisturbed.finished[0]);
}

TEST_F(GoOnTest, TrialsInTilesGoOnToTheSameBitsInOtherTiles) {
  struct Case {
    const char* optimizer;
    const char* norm;
    double max_grad_norm;
  };
  for (const Case& one : {Case{"sgd", "none", 0}, Case{"momentum", "layer_norm", 0},
                          Case{"adam", "batch_norm", 0}, Case{"adamw", "none", 0.5}}) {
    SCOPED_TRACE(one.optimizer);
    TrialConfig shared = Long();
    shared.width = 16;
    shared.optimizer = one.optimizer;
    shared.learning_rate = 0.01;
    shared.norm = one.norm;
    shared.norm_statistics = "running";
    shared.max_grad_norm = one.max_grad_norm;
    std::vector<TrialConfig> configs(5, shared);
    for (size_t k = 0; k < configs.size(); ++k) configs[k].seed = static_cast<int64_t>(k);
    configs[1].schedule = "cosine";
    configs[2].label_noise = 0.3;
    configs[2].weight_decay = 0.01;
    configs[3].loss_delay_steps = 20;
    configs[3].loss.name = "brier";
    Collector undisturbed;
    ASSERT_TRUE(TrainerTest::Train(configs, undisturbed).ok());
    ASSERT_EQ(undisturbed.finished.size(), configs.size());

    const TemporaryFolder folder;
    Collector first;
    Train({configs[0], configs[1], configs[2]}, folder.path(), first, 30);
    Collector second;
    Train({configs[2], configs[3]}, folder.path(), second, 15);
    EXPECT_TRUE(first.finished.empty());
    EXPECT_TRUE(second.finished.empty());
    EXPECT_EQ(Files(folder.path()), 4);
    Collector last;
    Train({configs[4], configs[3], configs[2], configs[1], configs[0]}, folder.path(), last);
    ASSERT_EQ(last.finished.size(), configs.size());
    for (const auto& [trial, trajectory] : last.finished) {
      SCOPED_TRACE(trial);
      ExpectSameBits(trajectory, undisturbed.finished[4 - trial]);
      EXPECT_EQ(trajectory.pack_size, trial < 2 ? 1 : 3)
          << "those of one step are trained together";
    }
  }
}

TEST_F(GoOnTest, ANetworkThatDivergedUnseenIsStillFoundToHave) {
  std::vector<TrialConfig> configs(2, Long());
  configs[1].learning_rate = 1e15;
  for (TrialConfig& config : configs) config.points = 1;  // only the last step is measured
  Collector undisturbed;
  ASSERT_TRUE(TrainerTest::Train(configs, undisturbed).ok());
  ASSERT_GT(undisturbed.finished[1].diverged_at_step, 0);
  ASSERT_LT(undisturbed.finished[1].diverged_at_step, 15);
  const TemporaryFolder folder;
  Collector stopped;
  Train(configs, folder.path(), stopped, 30);
  EXPECT_TRUE(stopped.finished.empty());
  Collector collector;
  Train(configs, folder.path(), collector, 50);
  for (const int64_t trial : {0, 1}) {
    ExpectSameBits(collector.finished[trial], undisturbed.finished[trial]);
  }
}

TEST_F(GoOnTest, AShortTrialWritesNone) {
  TrialConfig config = Long();
  config.steps = 3;
  config.points = 3;
  const TemporaryFolder folder;
  Collector collector;
  Train({config}, folder.path(), collector);
  EXPECT_EQ(Files(folder.path()), 0);
  EXPECT_EQ(collector.finished[0].checkpoint, "");
}

TEST_F(GoOnTest, AFileOfNoUseIsTrainedPastAndNamedForRemoval) {
  const TrialConfig config = Long();
  const TemporaryFolder folder;
  const std::string file = folder.Write(TrialKey(config) + ".checkpoint", "FGCKPT01 torn");
  Collector collector;
  Train({config}, folder.path(), collector);
  ExpectSameBits(collector.finished[0], TrainOne(config));
  EXPECT_EQ(collector.finished[0].checkpoint, file);
}

TEST_F(GoOnTest, WhereNothingCanBeWrittenTrialsAreTrainedAllTheSame) {
  const TrialConfig config = Long();
  const TemporaryFolder folder;
  Collector collector;
  Train({config}, folder.path() + "/gone", collector);
  ExpectSameBits(collector.finished[0], TrainOne(config));
  EXPECT_EQ(collector.finished[0].checkpoint, "");
}

}  // namespace
}  // namespace firstguess::trainer
