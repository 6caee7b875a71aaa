// What a tile's updates ask the system for: nothing, once the first is done. Counted below ATen, in
// the system's own function that its memory comes from.

#include <gtest/gtest.h>
#include <malloc.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/spec/losses.h"
#include "worker/trainer/device.h"
#include "worker/trainer/pack/train_tile.h"

namespace {
std::atomic<int64_t> g_blocks{0};
}  // namespace

// Takes the place of the C library's for the whole program.
extern "C" int posix_memalign(void** block, size_t alignment, size_t bytes) noexcept {
  ++g_blocks;
  *block = memalign(alignment, bytes);
  return *block == nullptr ? ENOMEM : 0;
}

namespace firstguess::trainer {
namespace {

const at::Device kCpu(at::kCPU);
const std::atomic<bool> kNeverStop{false};
constexpr int64_t kSteps = 12;

// One network for each loss, every second with weight decay.
std::vector<TrialConfig> Configs(const std::string& optimizer, const std::string& norm,
                                 double max_grad_norm, int64_t steps) {
  std::vector<TrialConfig> configs;
  for (const LossInfo& info : KnownLosses()) {
    TrialConfig config;
    config.dataset = "blobs";
    config.data_dimension = 32;
    config.data_train_per_class = 100;
    config.data_test_per_class = 30;
    config.width = 16;
    config.depth = 2;
    config.batch_size = 32;
    config.probe_size = 100;
    config.points = 1;
    config.steps = steps;
    config.optimizer = optimizer;
    config.norm = norm;
    config.max_grad_norm = max_grad_norm;
    config.learning_rate = 0.001;
    config.loss = info.Default();
    config.weight_decay = configs.size() % 2 == 0 ? 0 : 0.01;
    config.schedule = configs.size() % 3 == 0 ? "cosine" : "constant";
    configs.push_back(config);
  }
  return configs;
}

// Blocks that the system is asked for while networks train for `steps` updates, with two snapshots.
int64_t Blocks(const std::vector<TrialConfig>& configs, PackData& data) {
  const int64_t before = g_blocks;
  const absl::Status status = TrainTile(configs, std::vector<int64_t>(configs.size(), 1), data,
                                        kCpu, kNeverStop, [](size_t, const Trajectory&) {});
  EXPECT_TRUE(status.ok()) << status;
  return g_blocks - before;
}

TEST(StepMemory, MoreUpdatesAskTheSystemForNoMoreMemory) {
  ASSERT_TRUE(OpenDevice("cpu").ok());
  DatasetCache datasets({});
  for (const char* optimizer : {"sgd", "momentum", "nesterov", "adam", "adamw"}) {
    for (const auto& [norm, max_grad_norm] :
         {std::pair{"none", 0.0}, {"layer_norm", 0.5}, {"batch_norm", 0.0}}) {
      SCOPED_TRACE(testing::Message()
                   << optimizer << ", norm " << norm << ", max_grad_norm " << max_grad_norm);
      const std::vector<TrialConfig> few = Configs(optimizer, norm, max_grad_norm, 2);
      const std::vector<TrialConfig> many = Configs(optimizer, norm, max_grad_norm, kSteps);
      absl::StatusOr<PackData> data = MakePackData(few.front(), datasets, kCpu);
      ASSERT_TRUE(data.ok()) << data.status();
      for (int64_t step = 1; step <= kSteps; ++step) data->batches->Get(step);
      EXPECT_GT(g_blocks, 0) << "nothing is counted";
      Blocks(few, *data);
      EXPECT_EQ(Blocks(many, *data), Blocks(few, *data));
    }
  }
}

}  // namespace
}  // namespace firstguess::trainer
