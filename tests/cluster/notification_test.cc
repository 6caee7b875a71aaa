// Whom a coordinator tells of sweeps that end.

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/cluster/test_cluster.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {
namespace {

// What a file holds once it holds `wanted`, or after a minute.
std::string AwaitContent(const std::string& path, const std::string& wanted) {
  const absl::Time patience = absl::Now() + absl::Minutes(1);
  std::string content;
  do {
    absl::SleepFor(absl::Milliseconds(5));
    std::ifstream file(path);
    content.assign(std::istreambuf_iterator<char>(file), {});
  } while (content != wanted && absl::Now() < patience);
  return content;
}

TEST(Notification, EachSweepIsToldOfAtItsEndAndNoneAgainAfterARestart) {
  const TemporaryFolder folder;
  const std::string told = folder.File("told");
  TestCluster cluster(
      {.on_sweep_finish = {.command = absl::StrCat("echo \"$FIRSTGUESS_SWEEP $FIRSTGUESS_STATE "
                                                   "$FIRSTGUESS_DONE\" >> '",
                                                   told, "'")}});
  FakeWorker* const worker = cluster.AddWorker({.name = "w"});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 10)).ok());
  ASSERT_TRUE(cluster.AwaitEnd("s").ok());
  EXPECT_EQ(AwaitContent(told, "s done 10\n"), "s done 10\n");

  cluster.KillWorker(worker);
  cluster.StopCoordinator();
  cluster.StartCoordinator();
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("t", 4) + "data_seed: 1\n").ok());
  ASSERT_TRUE(cluster.Cancel("t").ok());
  EXPECT_EQ(AwaitContent(told, "s done 10\nt cancelled 0\n"), "s done 10\nt cancelled 0\n");
}

}  // namespace
}  // namespace firstguess
