#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/coordinator/state/world.h"

namespace firstguess {
namespace {

// A hundredth of them where the compiler doesn't optimise: either way it is a matter of seconds.
#ifdef NDEBUG
constexpr uint64_t kSchedules = 100'000;
constexpr uint64_t kKilledSchedules = 30;
#else
constexpr uint64_t kSchedules = 1'000;
constexpr uint64_t kKilledSchedules = 3;
#endif
constexpr uint64_t kShares = 10;
constexpr int kFewestSteps = 40;
constexpr int kMostSteps = 200;

void RunSchedule(uint64_t seed, World::Hazards hazards) {
  SCOPED_TRACE("replay with FIRSTGUESS_SEED=" + std::to_string(seed));
  const int steps = kFewestSteps + static_cast<int>(seed % (kMostSteps - kFewestSteps + 1));
  World world(seed, hazards);
  for (int step = 0; step < steps && !testing::Test::HasFatalFailure(); ++step) world.Step();
  if (!testing::Test::HasFatalFailure()) world.Finish();
}

// In shares, so that all processors have some.
class RandomSchedule : public testing::TestWithParam<uint64_t> {};

// FIRSTGUESS_SEED=n runs that schedule alone.
TEST_P(RandomSchedule, KeepsWhatMustHoldAndFinishes) {
  uint64_t first = 1 + GetParam() * kSchedules / kShares;
  uint64_t count = kSchedules / kShares;
  if (const char* seed = std::getenv("FIRSTGUESS_SEED")) {
    if (GetParam() > 0) GTEST_SKIP();
    first = std::strtoull(seed, nullptr, 10);
    count = 1;
  }
  for (uint64_t seed = first; seed < first + count; ++seed) {
    RunSchedule(seed, {});
    if (testing::Test::HasFatalFailure()) FAIL() << "FIRSTGUESS_SEED=" << seed;
  }
}
INSTANTIATE_TEST_SUITE_P(Shares, RandomSchedule, testing::Range(uint64_t{0}, kShares));

// The same schedule again and again, the coordinator killed behind the first write, the second, …
TEST(RestartSchedule, ARestartAtEveryCommitBoundaryLosesNothing) {
  for (uint64_t seed = 1; seed <= kKilledSchedules; ++seed) {
    for (int64_t boundary = 1;; ++boundary) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", killed behind write " +
                   std::to_string(boundary));
      World world(seed, {.restart_after_write = boundary});
      for (int step = 0; step < kMostSteps && !testing::Test::HasFatalFailure(); ++step) {
        world.Step();
      }
      if (!testing::Test::HasFatalFailure()) world.Finish();
      ASSERT_FALSE(testing::Test::HasFatalFailure());
      if (world.writes() < boundary) break;
    }
  }
}

}  // namespace
}  // namespace firstguess
