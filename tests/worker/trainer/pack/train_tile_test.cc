// Trajectories of a tile: against one network at a time by autograd, and the same to the bit
// wherever in whatever tile a network is.

#include "worker/trainer/pack/train_tile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "common/spec/losses.h"
#include "tests/worker/trainer/same_trajectory.h"
#include "worker/trainer/check_trial.h"
#include "worker/trainer/device.h"
#include "worker/trainer/pack/tile_size.h"
#include "worker/trainer/train_trial.h"

namespace firstguess::trainer {
namespace {

const at::Device kCpu(at::kCPU);
const std::atomic<bool> kNeverStop{false};

TrialConfig Small() {
  TrialConfig config;
  config.dataset = "fashion-mnist";
  config.width = 32;
  config.depth = 3;
  config.steps = 12;
  config.points = 6;
  config.batch_size = 32;
  config.probe_size = 300;
  return config;
}

class TrainTileTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(OpenDevice("cpu").ok());
    datasets_ = new DatasetCache({});
  }
  static void TearDownTestSuite() {
    delete datasets_;
    datasets_ = nullptr;
  }

  static PackData Data(const TrialConfig& config) {
    absl::StatusOr<PackData> data = MakePackData(config, *datasets_, kCpu);
    EXPECT_TRUE(data.ok()) << data.status();
    return *std::move(data);
  }

  static std::vector<Trajectory> Train(const std::vector<TrialConfig>& configs, PackData& data) {
    std::vector<Trajectory> trajectories(configs.size());
    std::vector<int> reports(configs.size());
    const absl::Status status = TrainTile(configs, std::vector<int64_t>(configs.size(), 1), data,
                                          kCpu, kNeverStop, [&](size_t i, Trajectory trajectory) {
                                            ++reports[i];
                                            trajectories[i] = std::move(trajectory);
                                          });
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(reports, std::vector<int>(configs.size(), 1));
    return trajectories;
  }

  static DatasetCache* datasets_;
};

DatasetCache* TrainTileTest::datasets_ = nullptr;

// `count` trials that differ in all that may differ within a pack.
std::vector<TrialConfig> Varied(const TrialConfig& shared, size_t count) {
  std::vector<Loss> losses;
  for (const LossInfo& info : KnownLosses()) losses.push_back(info.Default());
  std::vector<TrialConfig> configs(count, shared);
  for (size_t k = 0; k < count; ++k) {
    configs[k].seed = static_cast<int64_t>(k);
    // Others for other widths: a tile has room for some of them.
    configs[k].loss = losses[(5 * k + static_cast<size_t>(shared.width)) % losses.size()];
    configs[k].loss_delay_steps = static_cast<int64_t>(k % 4);
    configs[k].init_scale = 1 + 0.1 * static_cast<double>(k % 5);
    configs[k].bias_scale = k % 2 == 0 ? 0 : 0.2;
    configs[k].learning_rate *= 1 + static_cast<double>(k % 3);
    configs[k].weight_decay = k % 4 == 1 ? 0.01 : 0;
    configs[k].schedule = std::vector{"constant", "cosine", "step"}[k % 3];
    configs[k].schedule_every = 3;
    configs[k].warmup_steps = k % 2 == 0 ? 0 : 2;
    configs[k].label_noise = k % 5 == 2 ? 0.3 : 0;
    configs[k].logit_bias = k % 3 == 1 ? -0.5 : 0;
  }
  return configs;
}

struct Shape {
  int64_t width, depth, batch_size, probe_size;
  const char* optimizer;
  const char* activation;
  double max_grad_norm = 0;
  const char* norm = "none";
  const char* norm_position = "before";
  const char* norm_statistics = "batch";
};

// Aligned and odd widths and batches, above and below where tiles are allowed to be larger than 1;
// more networks than a tile, so that there are whole tiles and a rest.
TEST_F(TrainTileTest, ATrialIsTheSameToTheBitInEveryTileAndPlace) {
  const Shape shapes[] = {{32, 3, 128, 300, "sgd", "relu"},
                          {8, 2, 32, 257, "sgd", "relu"},
                          {9, 2, 7, 33, "sgd", "tanh"},
                          {17, 4, 33, 255, "momentum", "tanh"},
                          {33, 2, 100, 513, "adam", "relu"},
                          {64, 2, 16, 64, "momentum", "linear"},
                          {50, 1, 2, 2, "adam", "tanh"},
                          {7, 2, 32, 64, "sgd", "relu"},
                          {3, 3, 33, 50, "adam", "tanh"},
                          {1, 2, 16, 64, "momentum", "relu"},
                          {32, 2, 1, 64, "sgd", "relu"},
                          {100, 2, 128, 1, "sgd", "relu"},
                          {24, 3, 33, 65, "nesterov", "gelu"},
                          {17, 2, 50, 100, "adamw", "erf"},
                          {24, 2, 33, 65, "sgd", "relu", 0.5},
                          {17, 2, 50, 100, "adam", "tanh", 0.5},
                          {40, 2, 16, 30, "nesterov", "leaky_relu"},
                          {32, 3, 128, 300, "sgd", "relu", 0, "layer_norm", "before"},
                          {17, 2, 33, 257, "momentum", "gelu", 0, "layer_norm", "after"},
                          {9, 2, 50, 100, "adam", "relu", 0.5, "layer_norm", "after"},
                          {24, 2, 33, 65, "sgd", "relu", 0, "batch_norm", "before"},
                          {17, 2, 100, 257, "adam", "tanh", 0, "batch_norm", "after", "running"}};
  std::mt19937 random(20240607);
  for (const Shape& shape : shapes) {
    TrialConfig shared = Small();
    shared.width = shape.width;
    shared.depth = shape.depth;
    shared.batch_size = shape.batch_size;
    shared.probe_size = shape.probe_size;
    shared.optimizer = shape.optimizer;
    shared.activation = shape.activation;
    shared.max_grad_norm = shape.max_grad_norm;
    shared.norm = shape.norm;
    shared.norm_position = shape.norm_position;
    shared.norm_statistics = shape.norm_statistics;
    shared.groups = "confusion,logits,noise";
    shared.confusion_steps = "0,1,12";
    shared.learning_rate = std::string(shape.optimizer).starts_with("adam") ? 0.001 : 0.01;
    PackData data = Data(shared);
    const auto tile_size =
        static_cast<size_t>(TileSize(ShapeOf(shared, *data.dataset), shared, /*on_cpu=*/true));
    const std::vector<TrialConfig> configs = Varied(shared, tile_size + 2);
    std::vector<Trajectory> alone;
    for (const TrialConfig& config : configs) alone.push_back(Train({config}, data)[0]);

    std::vector<size_t> order(configs.size());
    std::iota(order.begin(), order.end(), size_t{0});
    for (size_t size = 2; size <= tile_size; ++size) {
      std::shuffle(order.begin(), order.end(), random);
      for (size_t begin = 0; begin < order.size(); begin += size) {
        const size_t end = std::min(begin + size, order.size());
        std::vector<TrialConfig> tile;
        for (size_t i = begin; i < end; ++i) tile.push_back(configs[order[i]]);
        const std::vector<Trajectory> together = Train(tile, data);
        for (size_t i = begin; i < end; ++i) {
          SCOPED_TRACE(testing::Message()
                       << "width " << shape.width << ", batch " << shape.batch_size << ", "
                       << shape.optimizer << ", norm " << shape.norm << ": trial " << order[i]
                       << " in a tile of " << end - begin);
          ExpectSameBits(together[i - begin], alone[order[i]]);
        }
      }
    }
  }
}

TEST_F(TrainTileTest, GroupsAreThereWhenAskedForAndLeaveTheRestAsItWas) {
  TrialConfig plain = Small();
  plain.label_noise = 0.3;
  TrialConfig config = plain;
  config.groups = "confusion,logits,noise";
  PackData plain_data = Data(plain);
  PackData data = Data(config);
  const Trajectory without = Train({plain}, plain_data)[0];
  Trajectory with = Train({config}, data)[0];
  const absl::StatusOr<Trajectory> single = TrainTrial(config, 1, data, kCpu, kNeverStop);
  ASSERT_TRUE(single.ok());
  for (size_t i = 0; i < with.snapshots.size(); ++i) {
    Snapshot& snapshot = with.snapshots[i];
    EXPECT_TRUE(GroupNumbers(without.snapshots[i]).empty());
    EXPECT_EQ(snapshot.logit_mean.size(), 10);
    const bool at_an_end = snapshot.step == 0 || snapshot.step == config.steps;
    EXPECT_EQ(!snapshot.confusion.empty(), at_an_end) << snapshot.step;
    ASSERT_TRUE(snapshot.noise.has_value());
    EXPECT_EQ(snapshot.noise->clean_examples + snapshot.noise->corrupted_examples, 300);
    EXPECT_GT(snapshot.noise->corrupted_examples, 50);
    // The same before anything was trained, up to rounding.
    const Snapshot& other = single->snapshots[i];
    EXPECT_EQ(other.noise->corrupted_examples, snapshot.noise->corrupted_examples);
    if (snapshot.step == 0) {
      EXPECT_NEAR(other.logit_mean[3], snapshot.logit_mean[3], 1e-5);
      EXPECT_NEAR(other.logit_variance[3], snapshot.logit_variance[3], 1e-5);
      EXPECT_NEAR(other.noise->accuracy_given, snapshot.noise->accuracy_given, 0.01);
    }
    snapshot.logit_mean.clear();
    snapshot.logit_variance.clear();
    snapshot.confusion.clear();
    snapshot.noise.reset();
  }
  ExpectSameBits(with, without);
}

// Relative, with the floor that the project's definition of "the same" has.
double Difference(double a, double b) {
  if (std::isnan(a) && std::isnan(b)) return 0;
  return std::abs(a - b) / std::max(1e-2, std::abs(b));
}

// The largest difference of two snapshots in any quantity that changes continuously.
double Difference(const Snapshot& a, const Snapshot& b) {
  double largest = 0;
  const auto add = [&](double x, double y) { largest = std::max(largest, Difference(x, y)); };
  add(a.train_loss, b.train_loss);
  add(a.grad_norm, b.grad_norm);
  add(a.probe_loss, b.probe_loss);
  add(a.probe_cross_entropy, b.probe_cross_entropy);
  add(a.mean_weight, b.mean_weight);
  for (size_t c = 0; c < a.mean_prob.size(); ++c) {
    add(a.mean_prob[c], b.mean_prob[c]);
    add(a.class_loss[c], b.class_loss[c]);
    add(a.drift[c], b.drift[c]);
  }
  return largest;
}

// Float32 training is chaotic in part of the grid, so trajectories are compared up to the horizon:
// the first snapshot at which autograd's moves by more than is allowed when the biases start not at
// 0 but at about as much as pre-activations are rounded by. Each case says how far the furthest of
// its horizons must reach at least.
TEST_F(TrainTileTest, TrajectoriesAreThoseOfOneNetworkAtATimeByAutogradUpToTheHorizon) {
  constexpr double kAllowed = 1e-4;
  struct Case {
    int64_t width;
    const char* optimizer;
    double learning_rate;
    int64_t horizon;
    const char* norm = "none";
    const char* norm_statistics = "batch";
  };
  for (const Case& one :
       {Case{32, "sgd", 0.01, 20}, Case{64, "adam", 0.001, 4}, Case{32, "momentum", 0.002, 15},
        Case{32, "sgd", 0.01, 10, "layer_norm"}, Case{32, "sgd", 0.01, 10, "batch_norm"},
        Case{32, "sgd", 0.01, 10, "batch_norm", "running"}}) {
    TrialConfig shared = Small();
    shared.width = one.width;
    shared.steps = 50;
    shared.points = 12;
    shared.batch_size = 128;
    shared.optimizer = one.optimizer;
    shared.learning_rate = one.learning_rate;
    shared.norm = one.norm;
    shared.norm_statistics = one.norm_statistics;
    std::vector<TrialConfig> configs(4, shared);
    configs[1].loss = FindLoss("blurry")->Default();
    configs[1].weight_decay = 0.01;
    configs[2].label_noise = 0.2;
    configs[2].seed = 1;
    configs[3].loss = configs[1].loss;
    configs[3].loss_delay_steps = 20;
    PackData data = Data(shared);
    const std::vector<Trajectory> tile = Train(configs, data);
    int64_t reached = -1;
    for (size_t k = 0; k < configs.size(); ++k) {
      SCOPED_TRACE(testing::Message() << one.optimizer << ", trial " << k);
      const absl::StatusOr<Trajectory> single = TrainTrial(configs[k], 1, data, kCpu, kNeverStop);
      ASSERT_TRUE(single.ok());
      std::vector<Trajectory> nudged;
      for (const double bias_scale : {6e-7, 3e-6, -3e-6}) {
        TrialConfig config = configs[k];
        config.bias_scale = bias_scale;
        nudged.push_back(*TrainTrial(config, 1, data, kCpu, kNeverStop));
      }
      EXPECT_EQ(tile[k].support, single->support);
      EXPECT_EQ(tile[k].initial_rank, single->initial_rank);
      ASSERT_EQ(tile[k].snapshots.size(), single->snapshots.size());
      for (size_t i = 0; i < tile[k].snapshots.size(); ++i) {
        const Snapshot& expected = single->snapshots[i];
        const bool beyond = std::any_of(nudged.begin(), nudged.end(), [&](const Trajectory& other) {
          return Difference(other.snapshots[i], expected) > kAllowed;
        });
        if (beyond) break;
        reached = std::max(reached, expected.step);
        EXPECT_EQ(tile[k].snapshots[i].step, expected.step);
        EXPECT_EQ(tile[k].snapshots[i].epoch, expected.epoch);
        EXPECT_LT(Difference(tile[k].snapshots[i], expected), kAllowed) << "step " << expected.step;
      }
    }
    EXPECT_GE(reached, one.horizon) << one.optimizer << ", " << one.norm;
  }
}

TEST_F(TrainTileTest, ANetworkThatDivergesIsRecordedAndTheOthersKeepTheirBits) {
  for (const std::pair<const char*, const char*>& one : {std::pair{"sgd", "none"},
                                                         {"momentum", "none"},
                                                         {"nesterov", "none"},
                                                         {"adam", "none"},
                                                         {"adamw", "none"},
                                                         {"sgd", "layer_norm"},
                                                         {"sgd", "batch_norm"}}) {
    const char* optimizer = one.first;
    TrialConfig shared = Small();
    shared.optimizer = optimizer;
    shared.norm = one.second;
    shared.norm_statistics = "running";
    shared.learning_rate = 0.01;
    const std::vector<TrialConfig> healthy = Varied(shared, 5);
    PackData data = Data(shared);
    const std::vector<Trajectory> expected = Train(healthy, data);
    for (size_t place = 0; place < healthy.size(); ++place) {
      SCOPED_TRACE(testing::Message()
                   << optimizer << ", norm " << shared.norm << ", ill in place " << place);
      std::vector<TrialConfig> mixed = healthy;
      mixed[place].learning_rate = 1e30;
      const std::vector<Trajectory> got = Train(mixed, data);
      EXPECT_GT(got[place].diverged_at_step, 0);
      ASSERT_FALSE(got[place].snapshots.empty());
      EXPECT_LT(got[place].snapshots.back().step, got[place].diverged_at_step);
      for (size_t k = 0; k < healthy.size(); ++k) {
        if (k != place) ExpectSameBits(got[k], expected[k]);
      }
    }
  }
}

TEST_F(TrainTileTest, ANetworkThatIsNotFiniteFromTheStartHasNoSnapshots) {
  std::vector<TrialConfig> configs(3, Small());
  configs[1].init_scale = 1e30;
  PackData data = Data(Small());
  const std::vector<Trajectory> trajectories = Train(configs, data);
  EXPECT_EQ(trajectories[1].diverged_at_step, 0);
  EXPECT_TRUE(trajectories[1].snapshots.empty());
  EXPECT_THAT(trajectories[1].initial_rank, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  ExpectSameBits(trajectories[0], trajectories[2]);
  EXPECT_EQ(trajectories[0].diverged_at_step, -1);
}

TEST_F(TrainTileTest, DivergenceIsAtTheUpdateWhoseLossIsNotFiniteThoughItIsSeenLater) {
  TrialConfig config = Small();
  config.learning_rate = 1e15;
  config.points = 1;  // only the last step is measured
  PackData data = Data(config);
  const Trajectory tile = Train({config}, data)[0];
  const absl::StatusOr<Trajectory> single = TrainTrial(config, 1, data, kCpu, kNeverStop);
  ASSERT_TRUE(single.ok());
  EXPECT_GT(tile.diverged_at_step, 0);
  EXPECT_LT(tile.diverged_at_step, config.steps);
  EXPECT_EQ(tile.diverged_at_step, single->diverged_at_step);
}

TEST_F(TrainTileTest, StopsBeforeTheNextUpdate) {
  const std::atomic<bool> stop{true};
  PackData data = Data(Small());
  const absl::Status status =
      TrainTile({Small()}, {1}, data, kCpu, stop, [](size_t, const Trajectory&) { ADD_FAILURE(); });
  EXPECT_TRUE(absl::IsCancelled(status));
}

}  // namespace
}  // namespace firstguess::trainer
