#include "coordinator/store/curves.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Two sweeps; of the first, trials 1 to 5 are done and 6 is not.
class CurvesTest : public testing::Test {
 protected:
  CurvesTest() : path_(folder_.File("sweep.db")), store_(path_) {
    store_.Do(SweepOf(1, 6));
    store_.Do(PackOf(1, 1, {0, 1, 2, 3, 4, 5}));
    for (TrialId trial_id = 1; trial_id <= 5; ++trial_id) store_.Do(ResultOf(trial_id, 1));
    store_.Do(SweepOf(2, 1));
    store_.Do(PackOf(2, 2, {7}));
    store_.Do(ResultOf(7, 2));
  }

  Curves Read(CurveRequest request) {
    request.sweep_id = 1;
    absl::StatusOr<Curves> curves = ReadCurves(path_, request);
    EXPECT_TRUE(curves.ok()) << curves.status();
    return curves.ok() ? *std::move(curves) : Curves();
  }

  // The middle of five, as SQL has it.
  double MiddleOfFive(const std::string& values) {
    return std::stod(Row(path_, absl::StrCat(values, " ORDER BY 1 LIMIT 1 OFFSET 2")));
  }

  TemporaryFolder folder_;
  std::string path_;
  TestStore store_;
};

TEST_F(CurvesTest, AreTheMediansOfFinishedTrialsByInitialRank) {
  const Curves curves = Read({.quantity = CurveQuantity::kMeanProb});
  EXPECT_EQ(curves.finished, 5);
  EXPECT_EQ(curves.drawn, 5);
  EXPECT_THAT(curves.axes, ElementsAre("seed"));
  EXPECT_EQ(curves.axis, "") << "seeds are replicates";
  ASSERT_EQ(curves.panels.size(), 1U);
  const Curves::Panel& panel = curves.panels[0];
  EXPECT_EQ(panel.trials, 5);
  ASSERT_EQ(panel.lines.size(), 3U);
  for (int64_t rank = 0; rank < 3; ++rank) {
    const Curves::Line& line = panel.lines[static_cast<size_t>(rank)];
    EXPECT_EQ(line.initial_rank, rank);
    ASSERT_EQ(line.points.size(), 2U);
    for (const Curves::Point& point : line.points) {
      EXPECT_DOUBLE_EQ(point.middle,
                       MiddleOfFive(absl::StrCat(
                           "SELECT mean_prob FROM trajectory WHERE trial_id <= 5 AND step = ",
                           point.step, " AND initial_rank = ", rank)));
      EXPECT_LE(point.low, point.middle);
      EXPECT_LE(point.middle, point.high);
    }
  }
}

TEST_F(CurvesTest, OfTrialsHaveOneLine) {
  const Curves curves = Read({.quantity = CurveQuantity::kAccuracy});
  ASSERT_EQ(curves.panels.size(), 1U);
  ASSERT_EQ(curves.panels[0].lines.size(), 1U);
  const Curves::Line& line = curves.panels[0].lines[0];
  EXPECT_EQ(line.initial_rank, -1);
  EXPECT_DOUBLE_EQ(line.points[1].middle,
                   MiddleOfFive("SELECT accuracy FROM snapshot WHERE step = 1 AND trial_id <= 5"));
}

TEST_F(CurvesTest, EveryQuantityIsRead) {
  for (const char* name : {"mean_prob", "guess_fraction", "recall", "accuracy", "max_guess"}) {
    const absl::StatusOr<CurveQuantity> quantity = CurveQuantityFromName(name);
    ASSERT_TRUE(quantity.ok()) << name;
    const Curves curves = Read({.quantity = *quantity});
    ASSERT_EQ(curves.panels.size(), 1U) << name;
    EXPECT_EQ(curves.panels[0].lines[0].points.size(), 2U) << name;
  }
  EXPECT_THAT(std::string(CurveQuantityFromName("loss").status().message()),
              HasSubstr("mean_prob, guess_fraction"));
}

TEST_F(CurvesTest, SplitByAFieldHaveAPanelForEachOfItsFirstValues) {
  const Curves curves = Read({.axis = "seed", .most_panels = 3});
  EXPECT_EQ(curves.values, 5);
  std::vector<std::string> values;
  for (const Curves::Panel& panel : curves.panels) values.push_back(panel.value);
  EXPECT_THAT(values, ElementsAre("0", "1", "2"));
  EXPECT_EQ(curves.panels[1].trials, 1);
  EXPECT_TRUE(absl::IsInvalidArgument(ReadCurves(path_, {.sweep_id = 1, .axis = "sped"}).status()));
}

TEST_F(CurvesTest, AFewTrialsAreDrawnFromManyAndStay) {
  const auto drawn = [&] {
    std::set<std::string> seeds;
    for (const Curves::Panel& panel : Read({.axis = "seed", .most_trials = 2}).panels) {
      seeds.insert(panel.value);
    }
    return seeds;
  };
  const Curves curves = Read({.most_trials = 2});
  EXPECT_EQ(curves.drawn, 2);
  EXPECT_EQ(curves.finished, 5);
  EXPECT_EQ(drawn().size(), 2U);
  EXPECT_EQ(drawn(), drawn());
}

TEST_F(CurvesTest, ByChanceOnlyTheSweepsFinishedTrialsAreDrawn) {
  const Curves curves = Read({.axis = "seed", .most_scanned = 0, .done = 5});
  EXPECT_EQ(curves.finished, 5);
  EXPECT_EQ(curves.drawn, 5);
  std::vector<std::string> values;
  for (const Curves::Panel& panel : curves.panels) values.push_back(panel.value);
  EXPECT_THAT(values, ElementsAre("0", "1", "2", "3", "4"));
}

TEST_F(CurvesTest, OfASweepWithoutFinishedTrialsAreEmpty) {
  store_.Do(SweepOf(3, 1));
  const absl::StatusOr<Curves> curves = ReadCurves(path_, {.sweep_id = 3});
  ASSERT_TRUE(curves.ok()) << curves.status();
  EXPECT_EQ(curves->finished, 0);
  EXPECT_THAT(curves->panels, IsEmpty());
}

TEST_F(CurvesTest, ThatTakeTooLongAreGivenUp) {
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      ReadCurves(path_,
                 {.sweep_id = 1, .most_scanned = 0, .done = 5, .most_time = absl::ZeroDuration()})
          .status()));
}

}  // namespace
}  // namespace firstguess
