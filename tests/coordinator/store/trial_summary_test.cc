// The view trial_summary in corner cases, and how it is computed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/coordinator/store/trial_summary_fixture.h"

namespace firstguess {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// Two classes of 10 examples each; what a test does not set is equal in both.
Trajectory TwoClasses(const std::vector<int64_t>& steps) {
  Trajectory trajectory;
  trajectory.support = {10, 10};
  trajectory.initial_rank = {0, 1};
  for (const int64_t step : steps) {
    Snapshot& snapshot = trajectory.snapshots.emplace_back();
    snapshot.step = step;
    snapshot.max_guess = 0.5;
    snapshot.guess_count = {10, 10};
    snapshot.correct_count = {5, 5};
    snapshot.mean_prob = snapshot.class_loss = snapshot.drift = {0.5, 0.5};
  }
  return trajectory;
}

TEST_F(TrialSummaryTest, OfNoSnapshotKnowsNothing) {
  Write({Trajectory()});
  EXPECT_EQ(SummaryOf(1), "NULL|NULL|NULL|NULL");
}

TEST_F(TrialSummaryTest, OfTheFirstSnapshotAloneHasNoArea) {
  Write({TwoClasses({0})});
  EXPECT_EQ(SummaryOf(1), "NULL|NULL|0|NULL");
}

TEST_F(TrialSummaryTest, ALimitReachedExactlyIsNotPassed) {
  Trajectory trajectory = TwoClasses({0, 1, 2});
  trajectory.snapshots[1].max_guess = 0.2;
  trajectory.snapshots[1].correct_count = {5, 10};  // half of a class: chance
  trajectory.snapshots[2].max_guess = 0.19;
  trajectory.snapshots[2].correct_count = {6, 6};
  Write({trajectory});
  EXPECT_THAT(SummaryOf(1), StartsWith("2|2|0|"));
}

// A class that the probe set lacks can't be recovered, and counts among the classes for chance.
TEST_F(TrialSummaryTest, ClassesWithoutExamplesAreNotWaitedFor) {
  Trajectory trajectory = TwoClasses({0, 4});
  trajectory.support = {10, 0};
  trajectory.snapshots[1].correct_count = {6, 0};
  Trajectory none = TwoClasses({0, 4});
  none.support = {0, 0};
  none.snapshots[0].correct_count = none.snapshots[1].correct_count = {0, 0};
  Write({trajectory, none});
  EXPECT_EQ(SummaryOf(1), "NULL|4|0|0.5");
  EXPECT_EQ(SummaryOf(2), "NULL|NULL|0|0.5");
}

TEST_F(TrialSummaryTest, OfEquallyGuessedClassesTheLowestIsFavoured) {
  Trajectory trajectory = TwoClasses({0, 1, 2, 3});
  trajectory.snapshots[0].guess_count = {11, 9};
  trajectory.snapshots[2].guess_count = {9, 11};
  Write({trajectory});
  EXPECT_EQ(SummaryOf(1), "NULL|NULL|2|0.5");
}

TEST_F(TrialSummaryTest, TheAreaIsOfUnequalSteps) {
  Trajectory trajectory = TwoClasses({0, 1, 10});
  trajectory.snapshots[0].max_guess = 1;
  trajectory.snapshots[2].max_guess = 0.25;
  Write({trajectory});
  EXPECT_EQ(SummaryOf(1), "NULL|NULL|0|0.4125");  // (0.75 + 9 * 0.375) / 10
}

TEST_F(TrialSummaryTest, SnapshotsWithoutANumberArePassedOver) {
  Trajectory trajectory = TwoClasses({0, 1, 10});
  trajectory.snapshots[1].max_guess = kNotMeasured;
  Write({trajectory});
  EXPECT_EQ(SummaryOf(1), "NULL|NULL|0|0.5");
}

TEST_F(TrialSummaryTest, IsOfDoneTrialsOnly) {
  store_.Do(SweepOf(1, 2));
  store_.Do(PackOf(1, 1, {0, 1}));
  EXPECT_THAT(Rows(path_, "SELECT trial_id FROM trial_summary"), IsEmpty());
  store_.Do(ResultOf(2, 1));
  EXPECT_EQ(Row(path_, "SELECT trial_id FROM trial_summary"), "2");
}

// Ten thousand trials must not cost more than ten thousand times one: measurements are reached
// through their primary keys, and only the trials are read one after the other.
TEST_F(TrialSummaryTest, ScansNoMeasurements) {
  const std::string plan =
      absl::StrJoin(Rows(path_, "EXPLAIN QUERY PLAN SELECT * FROM trial_summary"), "\n");
  EXPECT_THAT(plan, HasSubstr("SCAN trial\n"));
  for (const char* table : {"snapshot", "class_snapshot", "trial_class", "most_guessed"}) {
    EXPECT_THAT(plan, HasSubstr(absl::StrCat("SEARCH ", table, " USING PRIMARY KEY (trial_id=?")));
    EXPECT_THAT(plan, Not(HasSubstr(absl::StrCat("SCAN ", table))));
  }
  const std::string one = absl::StrJoin(
      Rows(path_, "EXPLAIN QUERY PLAN SELECT * FROM trial_summary WHERE trial_id = 1"), "\n");
  EXPECT_THAT(one, Not(HasSubstr("SCAN trial\n")));
}

}  // namespace
}  // namespace firstguess
