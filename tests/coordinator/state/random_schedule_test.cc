#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <string>

#include "tests/coordinator/state/world.h"

namespace firstguess {
namespace {

// Fewer where the compiler doesn't optimise: either way it is a matter of seconds.
#ifdef NDEBUG
constexpr uint64_t kSchedules = 3000;
#else
constexpr uint64_t kSchedules = 1000;
#endif
constexpr int kSteps = 200;

void RunSchedule(uint64_t seed, World::Hazards hazards) {
  SCOPED_TRACE("replay with FIRSTGUESS_SEED=" + std::to_string(seed));
  World world(seed, hazards);
  for (int step = 0; step < kSteps && !testing::Test::HasFatalFailure(); ++step) world.Step();
  if (!testing::Test::HasFatalFailure()) world.Finish();
}

// FIRSTGUESS_SEED=n runs that schedule alone.
TEST(RandomSchedule, KeepsWhatMustHoldAndFinishes) {
  uint64_t first = 1;
  uint64_t count = kSchedules;
  if (const char* seed = std::getenv("FIRSTGUESS_SEED")) {
    first = std::strtoull(seed, nullptr, 10);
    count = 1;
  }
  for (uint64_t seed = first; seed < first + count; ++seed) {
    RunSchedule(seed, {});
    if (testing::Test::HasFatalFailure()) FAIL() << "FIRSTGUESS_SEED=" << seed;
  }
}

// The same schedule again and again, the coordinator killed behind the first write, the second, …
TEST(RandomSchedule, ARestartAtEveryCommitBoundaryLosesNothing) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    for (int64_t boundary = 1;; ++boundary) {
      SCOPED_TRACE("seed " + std::to_string(seed) + ", killed behind write " +
                   std::to_string(boundary));
      World world(seed, {.restart_after_write = boundary});
      for (int step = 0; step < kSteps && !testing::Test::HasFatalFailure(); ++step) world.Step();
      if (!testing::Test::HasFatalFailure()) world.Finish();
      ASSERT_FALSE(testing::Test::HasFatalFailure());
      if (world.writes() < boundary) break;
    }
  }
}

}  // namespace
}  // namespace firstguess
