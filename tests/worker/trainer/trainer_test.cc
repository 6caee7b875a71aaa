// The LibTorch trainer from outside, on real Fashion-MNIST.

#include "worker/trainer/trainer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <thread>

#include "common/spec/losses.h"
#include "tests/worker/trainer/same_trajectory.h"
#include "tests/worker/trainer/trainer_fixture.h"
#include "worker/trainer/data/locate.h"

namespace firstguess::trainer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Loss DefaultLoss(const char* name) { return FindLoss(name)->Default(); }

std::vector<int64_t> Steps(const Trajectory& trajectory) {
  std::vector<int64_t> steps;
  for (const Snapshot& snapshot : trajectory.snapshots) steps.push_back(snapshot.step);
  return steps;
}

TEST_F(TrainerTest, ATrialIsTheSameToTheBitAloneAndAnywhereInAPack) {
  TrialConfig a = Small(), b = Small(), c = Small();
  b.seed = 1;
  b.loss = DefaultLoss("blurry");
  b.label_noise = 0.2;
  c.learning_rate = 0.2;
  c.loss = DefaultLoss("piecewise_zero");
  c.loss_delay_steps = 2;
  c.max_grad_norm = 0.5;  // alone in its pack
  const std::vector<TrialConfig> trials = {a, b, c};
  for (const char* optimizer : {"sgd", "momentum", "nesterov", "adam", "adamw"}) {
    std::vector<TrialConfig> pack = trials;
    for (TrialConfig& config : pack) config.optimizer = optimizer;
    std::vector<Trajectory> alone;
    for (const TrialConfig& config : pack) alone.push_back(TrainOne(config));
    std::vector<size_t> order = {0, 1, 2};
    do {
      Collector collector;
      ASSERT_TRUE(Train({pack[order[0]], pack[order[1]], pack[order[2]]}, collector).ok());
      for (size_t slot = 0; slot < 3; ++slot) {
        SCOPED_TRACE(testing::Message()
                     << optimizer << ", trial " << order[slot] << " in slot " << slot);
        ExpectSameBits(collector.finished[static_cast<int64_t>(slot)], alone[order[slot]]);
      }
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST_F(TrainerTest, GeneratedSubsetAndShiftedDataTrainTheSameAloneAndInAPack) {
  TrialConfig blobs = Small();
  blobs.dataset = "blobs";
  blobs.data_dimension = 32;
  blobs.data_train_per_class = 20;
  blobs.data_test_per_class = 30;
  blobs.steps = 40;  // an epoch has 6 updates
  TrialConfig noise = blobs;
  noise.dataset = "gaussian";
  noise.class_subset = "2,3,5,7";
  noise.probe_size = 120;
  noise.input_shift = 0.5;
  TrialConfig images = Small();
  images.class_subset = "0,9";
  images.input_shift = -0.5;
  for (const TrialConfig& first : {blobs, noise, images}) {
    SCOPED_TRACE(first.dataset);
    TrialConfig second = first;
    second.seed = 1;
    second.label_noise = 0.5;
    second.noise_kind = "matrix";
    second.noise_matrix = "0>1";
    Collector collector;
    ASSERT_TRUE(Train({first, second, first}, collector).ok());
    ASSERT_EQ(collector.finished.size(), 3u);
    EXPECT_GT(collector.finished[0].pack_size, 1);
    const Trajectory alone = TrainOne(first);
    ExpectSameBits(collector.finished[0], alone);
    ExpectSameBits(collector.finished[1], TrainOne(second));
    ExpectSameBits(collector.finished[2], alone);
  }
  EXPECT_GT(TrainOne(blobs).snapshots.back().accuracy, 0.3);  // chance is 0.1
}

TEST_F(TrainerTest, TheNumberOfClassesIsTheSubsets) {
  TrialConfig config = Small();
  config.class_subset = "3,5,6";
  config.steps = 100;
  const Trajectory trajectory = TrainOne(config);
  EXPECT_EQ(trajectory.support.size(), 3u);
  EXPECT_EQ(trajectory.initial_rank.size(), 3u);
  EXPECT_EQ(trajectory.snapshots.back().guess_count.size(), 3u);
  // Dress, sandal and shirt are easily told apart.
  EXPECT_GT(trajectory.snapshots.back().accuracy, 0.85);
  EXPECT_EQ(trajectory.snapshots.back().epoch, 100 / (18000.0 / 32 - 0.5));
}

TEST_F(TrainerTest, AShiftMovesTheInputsOfProbeAndTraining) {
  TrialConfig shifted = Small();
  shifted.input_shift = 1;
  const Trajectory plain = TrainOne(Small()), other = TrainOne(shifted);
  EXPECT_EQ(plain.support, other.support);
  EXPECT_NE(plain.snapshots[0].probe_loss, other.snapshots[0].probe_loss);
  EXPECT_NE(plain.snapshots[1].train_loss, other.snapshots[1].train_loss);
}

TEST_F(TrainerTest, SnapshotsAreWhereTheyShouldBe) {
  const Trajectory trajectory = TrainOne(Small());
  EXPECT_EQ(Steps(trajectory), SnapshotSteps(6, 3, "log"));
  EXPECT_EQ(trajectory.diverged_at_step, -1);
  EXPECT_EQ(trajectory.pack_size, 1);
  EXPECT_EQ(trajectory.device, "cpu");
  EXPECT_THAT(trajectory.library, HasSubstr("libtorch 2."));
  EXPECT_GT(trajectory.train_seconds, 0);
  EXPECT_GT(trajectory.probe_seconds, 0);
  EXPECT_LT(trajectory.probe_seconds, trajectory.train_seconds);
  EXPECT_EQ(std::accumulate(trajectory.support.begin(), trajectory.support.end(), int64_t{0}), 200);
  EXPECT_TRUE(std::isnan(trajectory.snapshots[0].train_loss));
  EXPECT_TRUE(std::isnan(trajectory.snapshots[0].grad_norm));
  EXPECT_GT(trajectory.snapshots[1].train_loss, 0);
  EXPECT_GT(trajectory.snapshots[1].grad_norm, 0);
  // An epoch is 60000 / 32 updates.
  EXPECT_EQ(trajectory.snapshots.back().epoch, 6.0 / 1875);
  // guess_count by rank never grows.
  std::vector<int64_t> by_rank(10);
  for (size_t c = 0; c < 10; ++c) {
    by_rank[static_cast<size_t>(trajectory.initial_rank[c])] =
        trajectory.snapshots[0].guess_count[c];
  }
  EXPECT_TRUE(std::is_sorted(by_rank.rbegin(), by_rank.rend()));
}

TEST_F(TrainerTest, NoStepsMeasureTheInitialNetworkOnly) {
  TrialConfig config = Small();
  config.steps = 0;
  EXPECT_THAT(Steps(TrainOne(config)), ElementsAre(0));
}

TEST_F(TrainerTest, TrainingLearns) {
  TrialConfig config = Small();
  config.steps = 200;
  const Trajectory trajectory = TrainOne(config);
  EXPECT_LT(trajectory.snapshots.front().accuracy, 0.3);
  EXPECT_GT(trajectory.snapshots.back().accuracy, 0.6);
}

TEST_F(TrainerTest, TrialsThatDifferInLossAloneStartEqualAndSeeEqualBatches) {
  TrialConfig blurry = Small();
  blurry.loss = DefaultLoss("blurry");
  blurry.loss_delay_steps = 6;
  const Trajectory plain = TrainOne(Small()), delayed = TrainOne(blurry);
  for (size_t i = 0; i < plain.snapshots.size(); ++i) {
    // Cross-entropy until update 6: the same training, measured by another loss.
    EXPECT_TRUE(SameBits(plain.snapshots[i].mean_prob, delayed.snapshots[i].mean_prob));
    EXPECT_NE(plain.snapshots[i].probe_loss, delayed.snapshots[i].probe_loss);
    EXPECT_EQ(plain.snapshots[i].probe_loss, delayed.snapshots[i].probe_cross_entropy);
  }
  blurry.loss_delay_steps = 5;
  const Trajectory switched = TrainOne(blurry);
  EXPECT_EQ(plain.snapshots[2].step, 2);
  EXPECT_TRUE(SameBits(plain.snapshots[2].mean_prob, switched.snapshots[2].mean_prob));
  EXPECT_FALSE(SameBits(plain.snapshots[3].mean_prob, switched.snapshots[3].mean_prob));
  EXPECT_LT(switched.snapshots[3].train_loss, plain.snapshots[3].train_loss);
}

TEST_F(TrainerTest, LabelNoiseTouchesTrainingLabelsOnly) {
  TrialConfig noisy = Small();
  noisy.label_noise = 1;
  const Trajectory plain = TrainOne(Small()), other = TrainOne(noisy);
  EXPECT_EQ(plain.support, other.support);
  EXPECT_EQ(plain.snapshots[0].accuracy, other.snapshots[0].accuracy);
  EXPECT_NE(plain.snapshots[1].train_loss, other.snapshots[1].train_loss);
}

TEST_F(TrainerTest, ABatchLossThatIsNotFiniteEndsTheTrialAsDiverged) {
  TrialConfig config = Small();
  config.learning_rate = 1e15;
  config.points = 6;
  const Trajectory trajectory = TrainOne(config);
  ASSERT_GT(trajectory.diverged_at_step, 0);
  ASSERT_FALSE(trajectory.snapshots.empty());
  EXPECT_EQ(trajectory.snapshots.back().step, trajectory.diverged_at_step - 1);
  for (const Snapshot& snapshot : trajectory.snapshots) {
    EXPECT_TRUE(std::isfinite(snapshot.probe_cross_entropy));
  }
}

TEST_F(TrainerTest, AProbeLogitThatIsNotFiniteEndsTheTrialAsDiverged) {
  TrialConfig config = Small();
  config.learning_rate = 1e38;  // update 1 leaves parameters that overflow the logits
  config.steps = 1;
  const Trajectory trajectory = TrainOne(config);
  EXPECT_EQ(trajectory.diverged_at_step, 1);
  EXPECT_THAT(Steps(trajectory), ElementsAre(0));
}

TEST_F(TrainerTest, DivergenceAtTheStartLeavesNoSnapshotAndTheClassesInOrder) {
  TrialConfig config = Small();
  config.init_scale = 1e30;
  const Trajectory trajectory = TrainOne(config);
  EXPECT_EQ(trajectory.diverged_at_step, 0);
  EXPECT_TRUE(trajectory.snapshots.empty());
  EXPECT_THAT(trajectory.initial_rank, ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  EXPECT_EQ(trajectory.support.size(), 10u);
}

TEST_F(TrainerTest, OneDivergedTrialLeavesItsPackAlone) {
  TrialConfig diverging = Small();
  diverging.learning_rate = 1e15;
  Collector collector;
  ASSERT_TRUE(Train({diverging, Small()}, collector).ok());
  ExpectSameBits(collector.finished[1], TrainOne(Small()));
}

TEST_F(TrainerTest, StopReportsNothingMore) {
  Collector collector;
  collector.stop_after_first = true;
  EXPECT_TRUE(absl::IsCancelled(Train({Small(), Small(), Small()}, collector)));
  EXPECT_EQ(collector.finished.size(), 1u);
  EXPECT_TRUE(collector.failed.empty());
}

TEST_F(TrainerTest, StopFromAnotherThreadEndsATrialInProgress) {
  // A million updates take minutes: this only returns in time because `stop` is looked at.
  TrialConfig endless = Small();
  endless.steps = 1'000'000;
  Collector collector;
  std::thread agent([&collector] { collector.stop = true; });
  EXPECT_TRUE(absl::IsCancelled(Train({endless}, collector)));
  agent.join();
  EXPECT_TRUE(collector.finished.empty());
}

TEST_F(TrainerTest, WhatItCantDoIsInvalidByName) {
  const std::vector<std::pair<std::string, void (*)(TrialConfig&)>> changes = {
      {"imagenet", [](TrialConfig& c) { c.dataset = "imagenet"; }},
      {"transformer", [](TrialConfig& c) { c.model = "transformer"; }},
      {"swish", [](TrialConfig& c) { c.activation = "swish"; }},
      {"uniform", [](TrialConfig& c) { c.init = "uniform"; }},
      {"hinge", [](TrialConfig& c) { c.loss.name = "hinge"; }},
      {"lion", [](TrialConfig& c) { c.optimizer = "lion"; }},
      {"noise_matrix has 3>10",
       [](TrialConfig& c) {
         c.label_noise = 0.1;
         c.noise_kind = "matrix";
         c.noise_matrix = "3>10";
       }},
      {"class_subset has class 10", [](TrialConfig& c) { c.class_subset = "1,10"; }},
      {"batch_size 6002 with 6001",
       [](TrialConfig& c) {
         c.class_subset = "0,1";
         c.class_imbalance = 1e9;
         c.batch_size = 6002;
       }},
      {"batch_size 60001", [](TrialConfig& c) { c.batch_size = 60001; }},
      {"probe_size 10001", [](TrialConfig& c) { c.probe_size = 10001; }}};
  for (const auto& [word, change] : changes) {
    TrialConfig config = Small();
    change(config);
    const absl::Status status = FailureOf(config);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(word));
  }
}

TEST_F(TrainerTest, AShapeThatItCantDoIsUnimplementedByName) {
  EXPECT_TRUE(trainer_->CheckShape(Small()).ok());
  const std::vector<std::pair<std::string, void (*)(TrialConfig&)>> changes = {
      {"transformer", [](TrialConfig& c) { c.model = "transformer"; }},
      {"swish", [](TrialConfig& c) { c.activation = "swish"; }},
      {"lion", [](TrialConfig& c) { c.optimizer = "lion"; }}};
  for (const auto& [word, change] : changes) {
    TrialConfig config = Small();
    change(config);
    const absl::Status status = trainer_->CheckShape(config);
    EXPECT_TRUE(absl::IsUnimplemented(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(word));
  }
}

TEST_F(TrainerTest, AMissingDataSetIsNotFound) {
  if (LocateDataset("mnist", {}).ok()) GTEST_SKIP() << "MNIST is installed here";
  TrialConfig config = Small();
  config.dataset = "mnist";
  EXPECT_TRUE(absl::IsNotFound(FailureOf(config)));
}

TEST_F(TrainerTest, ATrialOfAnotherShapeIsRefusedAndTheOthersTrain) {
  TrialConfig other = Small();
  other.width = 17;
  Collector collector;
  ASSERT_TRUE(Train({Small(), other, Small()}, collector).ok());
  EXPECT_EQ(collector.finished.size(), 2u);
  EXPECT_THAT(std::string(collector.failed[1].message()), HasSubstr("width"));
}

TEST_F(TrainerTest, RunningOutOfMemorySaysHowMuchWasAskedForAndTheRestTrains) {
  TrainOne(Small());  // what is loaded once is loaded
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  rlimit limited = before;
  limited.rlim_cur = rlim_t{8} << 30;
  ASSERT_EQ(setrlimit(RLIMIT_AS, &limited), 0);
  TrialConfig huge = Small();
  huge.width = 65536;  // 16 GiB for one layer
  Collector collector;
  const absl::Status status = Train({huge}, collector);
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_TRUE(absl::IsResourceExhausted(collector.failed[0])) << collector.failed[0];
  EXPECT_THAT(std::string(collector.failed[0].message()), HasSubstr("17179869184 bytes"));
  TrainOne(Small());
}

TEST_F(TrainerTest, AnEmptyPackIsDone) {
  Collector collector;
  EXPECT_TRUE(Train({}, collector).ok());
}

// The effect that sweeps are made for (arXiv 2511.20826), in one example of it.
TEST_F(TrainerTest, FromABiasedStartCrossEntropyRecoversAllClassesAndPiecewiseZeroStaysOnOne) {
  TrialConfig config = Small();
  config.width = 64;
  config.depth = 10;
  config.init_scale = 1.2;
  config.optimizer = "adam";
  config.learning_rate = 0.0005;
  config.batch_size = 128;
  config.steps = 200;
  config.points = 1;
  config.probe_size = 2000;
  TrialConfig blurry = config, piecewise_zero = config;
  blurry.loss = DefaultLoss("blurry");
  piecewise_zero.loss = DefaultLoss("piecewise_zero");
  Collector collector;
  ASSERT_TRUE(Train({config, blurry, piecewise_zero}, collector).ok());
  const auto recovered = [](const Snapshot& snapshot) {
    return std::count_if(snapshot.correct_count.begin(), snapshot.correct_count.end(),
                         [](int64_t count) { return count > 0; });
  };
  for (auto& [trial, trajectory] : collector.finished) {
    const Snapshot& start = trajectory.snapshots.front();
    EXPECT_GT(*std::max_element(start.mean_prob.begin(), start.mean_prob.end()), 0.95);
  }
  EXPECT_EQ(recovered(collector.finished[0].snapshots.back()), 10);
  EXPECT_EQ(recovered(collector.finished[1].snapshots.back()), 10);
  EXPECT_EQ(recovered(collector.finished[2].snapshots.back()), 1);
  EXPECT_GT(collector.finished[2].snapshots.back().max_guess, 0.95);
}

TEST(MakeTorchTrainer, UnusableDevicesAreNamedInWords) {
  const absl::Status unknown = MakeTorchTrainer({.device = "tpu", .data_dirs = {}}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(unknown));
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("\"tpu\""));
  const absl::Status absent = MakeTorchTrainer({.device = "cuda:4096", .data_dirs = {}}).status();
  EXPECT_TRUE(absl::IsUnavailable(absent));
  EXPECT_THAT(std::string(absent.message()), testing::AnyOf(HasSubstr("driver"), HasSubstr("GPU")));
}

}  // namespace
}  // namespace firstguess::trainer
