#include "tools/firstguess/gpu_packs.h"

#include <memory>

#include "coordinator/grid/cost.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

std::shared_ptr<Sweep> OneShape(int64_t width, uint64_t seeds) {
  auto sweep = std::make_shared<Sweep>();
  sweep->name = "gpu";
  sweep->base.dataset = "fashion-mnist";
  sweep->base.steps = 200;
  sweep->base.width = width;
  sweep->grids.front().axes = {Axis("seed", Column::Range{.count = seeds})};
  return sweep;
}

GpuPacks Look(const std::shared_ptr<Sweep>& sweep) {
  return LookAtGpuPacks(*PackPlan::Make(sweep));
}

TEST(GpuPacksTest, SmallNetworksGoByTheThousandAndLargeOnesByTheirMemory) {
  EXPECT_EQ(NetworksAtOnce(OneShape(32, 1)->base), 1024);
  const int64_t wide = NetworksAtOnce(OneShape(4096, 1)->base);
  EXPECT_GT(wide, 1);
  EXPECT_LT(wide, 20);
  TrialConfig alone = OneShape(32, 1)->base;
  alone.model = "resnet18";
  EXPECT_EQ(NetworksAtOnce(alone), 1);
  alone = OneShape(32, 1)->base;
  alone.groups = "sharpness";
  EXPECT_EQ(NetworksAtOnce(alone), 1);
}

TEST(GpuPacksTest, NormalisationTakesMemoryOfItsOwnAndByTheProbeSetsMomentsMore) {
  TrialConfig config = OneShape(1024, 1)->base;
  config.depth = 8;
  const int64_t plain = NetworksAtOnce(config);
  config.norm = "layer_norm";
  const int64_t by_layer = NetworksAtOnce(config);
  EXPECT_LT(by_layer, plain);
  config.norm = "batch_norm";
  config.norm_statistics = "running";
  EXPECT_EQ(NetworksAtOnce(config), by_layer);
  config.norm_statistics = "batch";
  EXPECT_LT(NetworksAtOnce(config), by_layer);
}

TEST(GpuPacksTest, AdviceIsWhatMakesPacksLargeEnough) {
  const auto sweep = OneShape(32, 100'000);
  const GpuPacks found = Look(sweep);
  EXPECT_EQ(found.networks_at_once, 1024);
  EXPECT_EQ(found.pack_trials, 64);
  ASSERT_TRUE(found.enough.has_value());
  EXPECT_EQ(found.enough->max_trials, 1024);
  EXPECT_GE(found.enough->max_flops, 1024 * TrialFlops(sweep->base));
  EXPECT_LT(found.enough->max_flops, 1.2 * 1024 * TrialFlops(sweep->base));
  sweep->pack = *found.enough;
  EXPECT_EQ(PackPlan::Make(sweep)->PackAt(0).size, 1024);
  EXPECT_FALSE(Look(sweep).enough.has_value());
}

TEST(GpuPacksTest, NoMoreIsAdvisedThanThereAreTrials) {
  EXPECT_EQ(Look(OneShape(32, 100)).enough->max_trials, 100);
  EXPECT_FALSE(Look(OneShape(32, 50)).enough.has_value());
}

TEST(GpuPacksTest, TheShapeThatWouldGainMostIsNamed) {
  auto sweep = OneShape(32, 100'000);
  sweep->grids.front().axes.insert(
      sweep->grids.front().axes.begin(),
      Axis("width", {FieldValue(int64_t{4096}), FieldValue(int64_t{16})}));
  const GpuPacks found = Look(sweep);
  EXPECT_EQ(found.networks_at_once, 1024);
  EXPECT_EQ(found.pack_trials, 64);
}

}  // namespace
}  // namespace firstguess
