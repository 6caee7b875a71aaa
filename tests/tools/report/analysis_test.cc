#include "tools/firstguess/report/analysis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/tools/report/sample_data.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<size_t> WidthOf(const SweepData& data) { return {FieldIndex(data, "width")}; }

TEST(Analysis, MedianIsTheMiddleOrTheMeanOfTheTwo) {
  EXPECT_THAT(Median({3, 1, 2}), Optional(2.0));
  EXPECT_THAT(Median({4, 1, 3, 2}), Optional(2.5));
  EXPECT_THAT(Median({5, kNaN}), Optional(5.0));
  EXPECT_EQ(Median({}), std::nullopt);
  EXPECT_EQ(Median({kNaN}), std::nullopt);
}

TEST(Analysis, GroupsHoldOneTrialALossInTheirOrder) {
  const SweepData data = SampleData();
  const std::vector<Group> groups = GroupByStart(data, VaryingFields(data));
  ASSERT_EQ(groups.size(), 4u);
  EXPECT_THAT(groups[0].trials, ElementsAre(0, 2)) << "width 32, seed 0";
  EXPECT_THAT(groups[3].trials, ElementsAre(5, 7)) << "width 64, seed 1";
}

TEST(Analysis, TheMostBiasedStartComesFirst) {
  SweepData data = SampleData();
  for (const size_t trial : {5, 7}) data.trials[trial].first->favoured_prob = 0.9;
  // A larger guess fraction counts only among equal probabilities.
  for (const size_t trial : {4, 6}) data.trials[trial].first->max_guess = 0.99;
  const std::vector<Group> groups = GroupByStart(data, VaryingFields(data));
  EXPECT_THAT(groups[0].trials, ElementsAre(5, 7));
  EXPECT_THAT(groups[1].trials, ElementsAre(4, 6));
}

TEST(Analysis, UnmeasuredTrialsAreInNoGroup) {
  SweepData data = SampleData();
  data.trials[0].first.reset();
  data.trials[1].first->favoured_prob = kNaN;
  const std::vector<Group> groups = GroupByStart(data, VaryingFields(data));
  ASSERT_EQ(groups.size(), 4u);
  EXPECT_THAT(groups.back().trials, ElementsAre(1, 3)) << "a bias that is not known is last";
}

TEST(Analysis, TableRowsTakeMediansOverSeeds) {
  SweepData data = SampleData();
  data.trials[0].last->accuracy = 0.4;
  data.trials[1].last->accuracy = 0.8;
  const std::vector<TableRow> rows = AggregateSeeds(data, WidthOf(data));
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_THAT(rows[0].values, ElementsAre(0));
  EXPECT_EQ(rows[0].treatment, 0u);
  EXPECT_EQ(rows[0].trials, 2);
  ASSERT_TRUE(rows[0].accuracy.has_value());
  EXPECT_DOUBLE_EQ(*rows[0].accuracy, 0.6);
}

TEST(Analysis, DivergedTrialsCountButStayOutOfFinalMedians) {
  SweepData data = SampleData();
  data.trials[0].diverged_at_step = 7;
  data.trials[0].last->accuracy = 0.1;
  const std::vector<TableRow> rows = AggregateSeeds(data, WidthOf(data));
  EXPECT_EQ(rows[0].trials, 2);
  EXPECT_EQ(rows[0].diverged, 1);
  EXPECT_THAT(rows[0].accuracy, Optional(0.8));
  EXPECT_THAT(rows[0].initial_prob, Optional(0.5));
}

TEST(Analysis, FailedAndOpenTrialsHaveARowWithoutNumbers) {
  SweepData data = SampleData();
  for (const size_t trial : {0, 1}) {
    data.trials[trial].first.reset();
    data.trials[trial].last.reset();
  }
  data.trials[0].status = "failed";
  data.trials[1].status = "pending";
  const std::vector<TableRow> rows = AggregateSeeds(data, WidthOf(data));
  EXPECT_EQ(rows[0].trials, 0);
  EXPECT_EQ(rows[0].failed, 1);
  EXPECT_EQ(rows[0].accuracy, std::nullopt);
  EXPECT_EQ(rows[0].initial_max_guess, std::nullopt);
}

TEST(Analysis, TrialsThatDifferInTrainingShareAStart) {
  SweepData data = SampleData();
  EXPECT_EQ(DistinctStarts(data).size(), 4u) << "two losses a start";
  const size_t learning_rate = FieldIndex(data, "learning_rate");
  data.fields[learning_rate].values = {0.01, 0.1};
  data.trials[2].values[learning_rate] = 1;
  EXPECT_EQ(DistinctStarts(data).size(), 4u);
  const size_t probe_size = FieldIndex(data, "probe_size");
  data.fields[probe_size].values = {int64_t{1000}, int64_t{2000}};
  data.trials[2].values[probe_size] = 1;
  EXPECT_EQ(DistinctStarts(data).size(), 5u) << "measured on other examples";
}

TEST(Analysis, MeansOfStartsAreOverStartsNotTrials) {
  SweepData data = SampleData();
  for (const size_t trial : {0, 2}) data.trials[trial].first->max_guess = 1;  // width 32, seed 0
  const std::vector<Start> starts = DistinctStarts(data);
  const size_t width = FieldIndex(data, "width");
  const size_t depth = FieldIndex(data, "depth");

  const std::vector<StartMean> all = MeanOfStarts(data, starts, depth, std::nullopt);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].starts, 4);
  EXPECT_DOUBLE_EQ(all[0].max_guess, 0.7);

  const std::vector<StartMean> by_width = MeanOfStarts(data, starts, depth, width);
  ASSERT_EQ(by_width.size(), 2u);
  EXPECT_EQ(by_width[0].starts, 2);
  EXPECT_DOUBLE_EQ(by_width[0].max_guess, 0.8);
  EXPECT_DOUBLE_EQ(by_width[1].max_guess, 0.6);
}

}  // namespace
}  // namespace firstguess
