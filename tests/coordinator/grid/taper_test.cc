#include "coordinator/grid/taper.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace firstguess {
namespace {

// Sizes of the packs of a plan of one shape, one by one as they are opened.
std::vector<uint64_t> Sizes(const Taper& taper, uint64_t places) {
  std::vector<uint64_t> sizes;
  for (uint64_t whole = 0; whole < places; whole += taper.whole) {
    const uint64_t end = std::min(places, whole + taper.whole);
    const uint64_t size = taper.PartSize(places - whole);
    for (uint64_t begin = whole; begin < end; begin += size) {
      sizes.push_back(std::min(size, end - begin));
    }
  }
  return sizes;
}

TEST(Taper, PacksAreWholeUntilFewAreLeft) {
  const Taper taper = {.whole = 64, .smallest = 1};
  EXPECT_EQ(taper.PartSize(1'000'000), 64);
  EXPECT_EQ(taper.PartSize(64 * 64), 64);
  EXPECT_EQ(taper.PartSize(64 * 64 - 1), 32);
  EXPECT_EQ(taper.PartSize(32 * 64), 32);
  EXPECT_EQ(taper.PartSize(32 * 64 - 1), 16);
  EXPECT_EQ(taper.PartSize(16 * 64 - 1), 8);
  EXPECT_EQ(taper.PartSize(1), 8);
}

TEST(Taper, PartsAreNoShorterThanTheSmallestAndNoLongerThanAWhole) {
  EXPECT_EQ((Taper{.whole = 64, .smallest = 18}.PartSize(100)), 18);
  EXPECT_EQ((Taper{.whole = 64, .smallest = 64}.PartSize(100)), 64);
  EXPECT_EQ((Taper{.whole = 64, .smallest = 1000}.PartSize(100)), 64);
  EXPECT_EQ((Taper{.whole = 1, .smallest = 1}.PartSize(1)), 1);
  EXPECT_EQ((Taper{.whole = 10, .smallest = 1}.PartSize(10)), 2);
}

TEST(Taper, APlanIsCutWithoutAGap) {
  const std::vector<uint64_t> sizes = Sizes({.whole = 64, .smallest = 18}, 100);
  EXPECT_EQ(sizes, (std::vector<uint64_t>{18, 18, 18, 10, 18, 18}));
}

TEST(Taper, PacksAreCountedAsTheyAreCut) {
  for (const uint64_t whole : {1, 2, 7, 64}) {
    for (const uint64_t smallest : {1, 3, 18, 64}) {
      for (uint64_t places = 0; places < 70 * whole; places += 1 + places / 9) {
        const Taper taper = {.whole = whole, .smallest = smallest};
        ASSERT_EQ(taper.Packs(places, places), Sizes(taper, places).size())
            << whole << " " << smallest << " " << places;
      }
    }
  }
}

TEST(Taper, AShapeFarFromTheEndIsOfWholePacks) {
  const Taper taper = {.whole = 64, .smallest = 1};
  EXPECT_EQ(taper.Packs(uint64_t{1} << 60, 100), 2);
  EXPECT_EQ(taper.Packs(uint64_t{1} << 60, uint64_t{1} << 50), uint64_t{1} << 44);
}

}  // namespace
}  // namespace firstguess
