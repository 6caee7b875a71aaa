#include "common/spec/spaced_values.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;

TEST(LinspaceTest, RoundsWhatBinaryFractionsSpoil) {
  // Without rounding the third is 0.30000000000000004.
  EXPECT_THAT(Linspace(0.1, 0.5, 5), ElementsAre(0.1, 0.2, 0.3, 0.4, 0.5));
  EXPECT_THAT(Linspace(0, 1, 4), ElementsAre(0, 0.333333333333, 0.666666666667, 1));
  EXPECT_THAT(Linspace(3, 1, 3), ElementsAre(3, 2, 1));
}

TEST(LinspaceTest, EndPointsAreExact) {
  const double from = 0.1234567890123456;
  const double to = 9.876543210987654;
  EXPECT_THAT(Linspace(from, to, 2), ElementsAre(from, to));
}

TEST(GeomspaceTest, KeepsRatios) {
  EXPECT_THAT(Geomspace(0.5, 2, 3), ElementsAre(0.5, 1, 2));
  EXPECT_THAT(Geomspace(1, 1000, 4), ElementsAre(1, 10, 100, 1000));
  EXPECT_THAT(Geomspace(1, 2, 3), ElementsAre(1, 1.41421356237, 2));
  EXPECT_THAT(Geomspace(1e-4, 1e-1, 4), ElementsAre(1e-4, 1e-3, 1e-2, 1e-1));
}

TEST(GeomspaceTest, EndPointsAreExact) {
  const double from = 0.1234567890123456;
  const double to = 9.876543210987654;
  EXPECT_THAT(Geomspace(from, to, 2), ElementsAre(from, to));
}

}  // namespace
}  // namespace firstguess
