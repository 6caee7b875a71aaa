// Whether a device may record an update and repeat it: a tile that is trained by repeating
// recorded operations on a CPU has the same trajectories, to the bit.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/spec/losses.h"
#include "tests/worker/trainer/pack/recorded_graph.h"
#include "tests/worker/trainer/same_trajectory.h"
#include "worker/trainer/device.h"
#include "worker/trainer/pack/train_tile.h"

namespace firstguess::trainer {
namespace {

using ::testing::Contains;
using ::testing::Not;

const at::Device kHost(at::kCPU);
const std::atomic<bool> kNoStop{false};
constexpr int64_t kSteps = 30;

class TrainTileGraphTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_TRUE(OpenDevice("cpu").ok()); }

  static std::vector<Trajectory> Train(const std::vector<TrialConfig>& configs,
                                       DeviceGraph* graph) {
    DatasetCache datasets({});
    absl::StatusOr<PackData> data = MakePackData(configs.front(), datasets, kHost);
    EXPECT_TRUE(data.ok()) << data.status();
    std::vector<Trajectory> trajectories(configs.size());
    const absl::Status status = TrainTile(
        configs, std::vector<int64_t>(configs.size(), 1), *data, kHost, kNoStop,
        [&](size_t i, Trajectory trajectory) { trajectories[i] = std::move(trajectory); }, {},
        nullptr, graph);
    EXPECT_TRUE(status.ok()) << status;
    return trajectories;
  }

  static void ExpectTheSameWithout(const std::vector<TrialConfig>& configs, RecordedGraph& graph) {
    const std::vector<Trajectory> with = Train(configs, &graph);
    const std::vector<Trajectory> without = Train(configs, nullptr);
    for (size_t k = 0; k < configs.size(); ++k) {
      SCOPED_TRACE(testing::Message() << "network " << k);
      ExpectSameBits(with[k], without[k]);
    }
  }
};

TrialConfig SmallBlobs() {
  TrialConfig config;
  config.dataset = "blobs";
  config.data_dimension = 32;
  config.data_train_per_class = 20;  // epochs of 6 batches
  config.data_test_per_class = 10;
  config.width = 16;
  config.depth = 2;
  config.batch_size = 32;
  config.probe_size = 50;
  config.points = 4;
  config.steps = kSteps;
  config.learning_rate = 0.01;
  return config;
}

// Updates that can be repeated: all but the first and those that are measured.
int64_t Repeatable(const TrialConfig& config) {
  std::set<int64_t> others = {1};
  for (const int64_t step : SnapshotSteps(config.steps, config.points, config.spacing)) {
    if (step > 0) others.insert(step);
  }
  return kSteps - static_cast<int64_t>(others.size());
}

// One network for each loss, with what else may differ in a tile.
std::vector<TrialConfig> OneForEachLoss(const TrialConfig& shared) {
  std::vector<TrialConfig> configs;
  for (const LossInfo& info : KnownLosses()) {
    TrialConfig config = shared;
    config.seed = static_cast<int64_t>(configs.size());
    config.loss = info.Default();
    config.weight_decay = configs.size() % 2 == 0 ? 0 : 0.01;
    config.label_noise = configs.size() % 3 == 0 ? 0 : 0.3;
    config.logit_bias = configs.size() % 4 == 0 ? 0 : -0.5;
    configs.push_back(config);
  }
  return configs;
}

TEST_F(TrainTileGraphTest, RepeatedUpdatesTrainTheSameNetworks) {
  for (const char* optimizer : {"sgd", "momentum", "nesterov", "adam", "adamw"}) {
    for (const auto& [norm, max_grad_norm] :
         {std::pair{"none", 0.0}, {"none", 0.5}, {"layer_norm", 0.0}, {"batch_norm", 0.5}}) {
      SCOPED_TRACE(testing::Message()
                   << optimizer << ", norm " << norm << ", max_grad_norm " << max_grad_norm);
      TrialConfig shared = SmallBlobs();
      shared.optimizer = optimizer;
      shared.norm = norm;
      shared.max_grad_norm = max_grad_norm;
      RecordedGraph graph;
      ExpectTheSameWithout(OneForEachLoss(shared), graph);
      EXPECT_EQ(graph.recorded(), 1);
      EXPECT_EQ(graph.recorded() + graph.replayed(), Repeatable(shared));
    }
  }
}

TEST_F(TrainTileGraphTest, LearningRatesChangeUnderARepeatedUpdate) {
  for (const char* optimizer : {"sgd", "momentum", "nesterov"}) {
    SCOPED_TRACE(optimizer);
    TrialConfig shared = SmallBlobs();
    shared.optimizer = optimizer;
    shared.weight_decay = 0.01;
    std::vector<TrialConfig> configs(3, shared);
    configs[1].schedule = "cosine";
    configs[2].schedule = "step";
    configs[2].schedule_every = 4;
    configs[2].warmup_steps = 3;
    RecordedGraph graph;
    ExpectTheSameWithout(configs, graph);
    EXPECT_EQ(graph.recorded(), 1);
    EXPECT_EQ(graph.recorded() + graph.replayed(), Repeatable(shared));
  }
}

TEST_F(TrainTileGraphTest, WhatHasANumberThatChangesIsNotRepeated) {
  TrialConfig adam = SmallBlobs();
  adam.optimizer = "adam";
  adam.schedule = "cosine";
  TrialConfig penalised = SmallBlobs();
  penalised.schedule = "cosine";
  penalised.loss = FindLoss("anl_ce")->Default();
  for (const TrialConfig& config : {adam, penalised}) {
    RecordedGraph graph;
    ExpectTheSameWithout({config}, graph);
    EXPECT_EQ(graph.recorded(), 0);
  }
}

TEST_F(TrainTileGraphTest, AnotherLossIsRecordedAnew) {
  std::vector<TrialConfig> configs(3, SmallBlobs());
  configs[1].loss = FindLoss("blurry")->Default();
  configs[1].loss_delay_steps = 10;
  configs[2].loss = FindLoss("anl_ce")->Default();
  configs[2].loss_delay_steps = 20;
  RecordedGraph graph;
  ExpectTheSameWithout(configs, graph);
  EXPECT_EQ(graph.recorded(), 3);
}

TEST_F(TrainTileGraphTest, FewerNetworksAreRecordedAnew) {
  TrialConfig shared = SmallBlobs();
  shared.points = 8;
  std::vector<TrialConfig> configs = OneForEachLoss(shared);
  configs[1].learning_rate = 3e4;
  RecordedGraph graph;
  ExpectTheSameWithout(configs, graph);
  EXPECT_EQ(graph.recorded(), 2);
  // At an update that was repeated, which therefore counted itself.
  const int64_t at = Train(configs, nullptr)[1].diverged_at_step;
  EXPECT_GT(at, 2);
  EXPECT_THAT(SnapshotSteps(kSteps, shared.points, shared.spacing), Not(Contains(at)));
}

// A device that records can't say a number, nor how large a result is, before it is done; and what
// is on the host would be copied from where it no longer is.
TEST_F(TrainTileGraphTest, NoUpdateWaitsForTheDeviceOrReadsFromTheHost) {
  TrialConfig shared = SmallBlobs();
  shared.max_grad_norm = 0.5;
  shared.norm = "batch_norm";
  RecordedGraph graph;
  Train(OneForEachLoss(shared), &graph);
  const std::set<std::string> operations = graph.Operations();
  EXPECT_TRUE(operations.contains("aten::baddbmm.out"));
  const std::set<std::string> waiting = {"aten::item",       "aten::_local_scalar_dense",
                                         "aten::is_nonzero", "aten::equal",
                                         "aten::allclose",   "aten::nonzero",
                                         "aten::index",      "aten::masked_select",
                                         "aten::to.device",  "aten::to.dtype_layout",
                                         "aten::_to_copy"};
  for (const std::string& operation : operations) {
    const std::string name = operation.substr(0, operation.find('.'));
    EXPECT_FALSE(waiting.contains(name) || waiting.contains(operation)) << operation;
  }
}

}  // namespace
}  // namespace firstguess::trainer
