#include "tools/firstguess/estimate.h"

#include <memory>
#include <set>

#include "coordinator/grid/cost.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

std::shared_ptr<Sweep> TwoWidths(uint64_t seeds) {
  auto sweep = std::make_shared<Sweep>();
  sweep->name = "estimate";
  sweep->base.dataset = "fashion-mnist";
  sweep->base.steps = 10;
  sweep->grids.front().axes = {Axis("width", {FieldValue(int64_t{32}), FieldValue(int64_t{64})}),
                               Axis("seed", Column::Range{.count = seeds})};
  sweep->pack.max_trials = 4;
  return sweep;
}

TrialConfig OfWidth(int64_t width) {
  TrialConfig config = TwoWidths(1)->base;
  config.width = width;
  return config;
}

const IsKnown kNothingKnown = [](const std::string&) { return false; };

TEST(EstimateTest, WithoutADatabaseAllIsNewAndTheTimeIsRough) {
  const PackPlan plan = *PackPlan::Make(TwoWidths(10));
  const auto estimate = EstimateSweep(plan, nullptr, TrainingTime({}));
  ASSERT_TRUE(estimate.ok()) << estimate.status();
  const double flops = 10 * (TrialFlops(OfWidth(32)) + TrialFlops(OfWidth(64)));
  EXPECT_EQ(estimate->cells, 20);
  EXPECT_EQ(estimate->known, 0);
  EXPECT_EQ(estimate->packs, 6);
  EXPECT_DOUBLE_EQ(estimate->flops, flops);
  EXPECT_DOUBLE_EQ(estimate->worker_seconds, flops / TrainingTime::kRoughFlopsPerSecond);
}

TEST(EstimateTest, LookingUpAllInAnEmptyDatabaseSaysTheSame) {
  const PackPlan plan = *PackPlan::Make(TwoWidths(10));
  const auto without = EstimateSweep(plan, nullptr, TrainingTime({}));
  const auto with = EstimateSweep(plan, kNothingKnown, TrainingTime({}));
  ASSERT_TRUE(without.ok() && with.ok());
  EXPECT_EQ(with->packs, without->packs);
  EXPECT_DOUBLE_EQ(with->flops, without->flops);
  EXPECT_NEAR(with->bytes, without->bytes, 1e-6 * without->bytes);
  EXPECT_DOUBLE_EQ(with->worker_seconds, without->worker_seconds);
}

TEST(EstimateTest, KnownTrialsCostNothing) {
  const PackPlan plan = *PackPlan::Make(TwoWidths(10));
  std::set<std::string> known;
  for (int64_t seed = 0; seed < 9; ++seed) {
    TrialConfig config = OfWidth(64);
    config.seed = seed;
    known.insert(TrialKey(config));
  }
  const auto estimate = EstimateSweep(
      plan, [&known](const std::string& key) { return known.count(key) > 0; }, TrainingTime({}));
  ASSERT_TRUE(estimate.ok()) << estimate.status();
  EXPECT_EQ(estimate->cells, 20);
  EXPECT_EQ(estimate->known, 9);
  EXPECT_TRUE(estimate->known_is_exact);
  // Width 32 needs three packs; of width 64 only the pack with the last seed is left.
  EXPECT_EQ(estimate->packs, 4);
  EXPECT_DOUBLE_EQ(estimate->flops, 10 * TrialFlops(OfWidth(32)) + TrialFlops(OfWidth(64)));
}

TEST(EstimateTest, MeasuredShapesTakeWhatTheyTook) {
  const TrainingTime time({{OfWidth(32), 1.5, 4}});
  EXPECT_TRUE(time.measured());
  TrialConfig other_seed = OfWidth(32);
  other_seed.seed = 7;
  EXPECT_EQ(time.SecondsFor(other_seed), 1.5);
}

TEST(EstimateTest, OtherShapesTakeTimeByTheirWorkAtTheSpeedMeasured) {
  const TrainingTime time({{OfWidth(32), 1.5, 4}});
  EXPECT_DOUBLE_EQ(time.SecondsFor(OfWidth(64)),
                   1.5 * TrialFlops(OfWidth(64)) / TrialFlops(OfWidth(32)));
}

TEST(EstimateTest, AMillionAndMoreCellsAreSampled) {
  const PackPlan plan = *PackPlan::Make(TwoWidths(1'000'000));
  int64_t looked_up = 0;
  // One in four is known, as far as anybody can tell from its key.
  const auto estimate = EstimateSweep(
      plan,
      [&looked_up](const std::string& key) {
        ++looked_up;
        return key[0] < '4';
      },
      TrainingTime({}));
  ASSERT_TRUE(estimate.ok()) << estimate.status();
  EXPECT_EQ(looked_up, 10'000);
  EXPECT_FALSE(estimate->known_is_exact);
  EXPECT_EQ(estimate->cells, 2'000'000);
  // Five standard deviations of a share of a quarter among ten thousand.
  EXPECT_NEAR(static_cast<double>(estimate->known), 500'000, 5 * 4'330 * 2);
  const double flops = 750'000 * (TrialFlops(OfWidth(32)) + TrialFlops(OfWidth(64)));
  EXPECT_NEAR(estimate->flops, flops, 0.05 * flops);
}

TEST(EstimateTest, AFailingLookUpIsReported) {
  const PackPlan plan = *PackPlan::Make(TwoWidths(10));
  const auto estimate = EstimateSweep(
      plan, [](const std::string&) { return absl::DataLossError("corrupt"); }, TrainingTime({}));
  EXPECT_EQ(estimate.status(), absl::DataLossError("corrupt"));
}

}  // namespace
}  // namespace firstguess
