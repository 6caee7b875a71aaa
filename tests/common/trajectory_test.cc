#include "common/trajectory.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;

TEST(SnapshotStepsTest, TheLogarithmicExample) {
  EXPECT_THAT(SnapshotSteps(200, 24, "log"),
              ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 16, 20, 25, 32, 40, 50, 63, 80,
                          100, 126, 159, 200));
}

TEST(SnapshotStepsTest, AsManyPointsAsStepsIsEveryStep) {
  for (const std::string spacing : {"log", "linear"}) {
    EXPECT_THAT(SnapshotSteps(5, 5, spacing), ElementsAre(0, 1, 2, 3, 4, 5));
    EXPECT_THAT(SnapshotSteps(5, 100, spacing), ElementsAre(0, 1, 2, 3, 4, 5));
    EXPECT_THAT(SnapshotSteps(1, 1, spacing), ElementsAre(0, 1));
  }
}

TEST(SnapshotStepsTest, OnePointIsTheLastStep) {
  EXPECT_THAT(SnapshotSteps(200, 1, "log"), ElementsAre(0, 200));
  EXPECT_THAT(SnapshotSteps(200, 1, "linear"), ElementsAre(0, 200));
}

TEST(SnapshotStepsTest, LinearRoundsHalvesUp) {
  EXPECT_THAT(SnapshotSteps(200, 4, "linear"), ElementsAre(0, 50, 100, 150, 200));
  EXPECT_THAT(SnapshotSteps(10, 4, "linear"), ElementsAre(0, 3, 5, 8, 10));
}

TEST(SnapshotStepsTest, NoStepsIsTheInitialNetwork) {
  EXPECT_THAT(SnapshotSteps(0, 24, "log"), ElementsAre(0));
  EXPECT_THAT(SnapshotSteps(0, 1, "linear"), ElementsAre(0));
}

void ExpectMinOfPointsAndSteps(int64_t steps, int64_t points, const std::string& spacing) {
  SCOPED_TRACE(std::to_string(steps) + " steps, " + std::to_string(points) + " points, " + spacing);
  const std::vector<int64_t> result = SnapshotSteps(steps, points, spacing);
  ASSERT_EQ(result.size(), static_cast<size_t>(std::min(steps, points)) + 1);
  EXPECT_EQ(result.front(), 0);
  EXPECT_EQ(result.back(), steps);
  for (size_t i = 1; i < result.size(); ++i) ASSERT_GT(result[i], result[i - 1]);
}

TEST(SnapshotStepsTest, AreExactlyMinOfPointsAndStepsAndTheLastIsTheEnd) {
  for (const std::string spacing : {"log", "linear"}) {
    for (int64_t steps = 1; steps <= 60; ++steps) {
      for (int64_t points = 1; points <= 70; ++points) {
        ExpectMinOfPointsAndSteps(steps, points, spacing);
      }
    }
  }
}

TEST(SnapshotStepsTest, TheSameForRandomLargeTrials) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 200; ++i) {
    const auto steps = static_cast<int64_t>(1 + random() % 1000000000);
    const auto points = static_cast<int64_t>(1 + random() % 2000);
    ExpectMinOfPointsAndSteps(steps, points, i % 2 == 0 ? "log" : "linear");
  }
}

}  // namespace
}  // namespace firstguess
