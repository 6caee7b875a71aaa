#include "common/usable.h"

#include <sched.h>

#include <string>

#include "gtest/gtest.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {
namespace {

// A tree of files as the kernel shows control groups.
class UsableTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) const { folder_.Write(name, text); }
  GroupLimits Read() const {
    return ReadGroupLimits(folder_.File("groups"), folder_.File("mounted"));
  }

  const TemporaryFolder folder_;
};

TEST_F(UsableTest, TheTightestGroupAboveCounts) {
  Write("groups", "0::/slurm/job_5/step_batch\n");
  Write("mounted/slurm/job_5/memory.max", "4096000\n");
  Write("mounted/slurm/job_5/step_batch/memory.max", "max\n");
  Write("mounted/slurm/memory.max", "9000000\n");
  Write("mounted/slurm/job_5/cpu.max", "250000 100000\n");
  Write("mounted/slurm/cpu.max", "max 100000\n");
  EXPECT_EQ(Read().memory_bytes, 4096000);
  EXPECT_EQ(Read().processors, 2.5);
}

TEST_F(UsableTest, AContainerSeesItsLimitAtTheRoot) {
  Write("groups", "0::/\n");
  Write("mounted/memory.max", "1000000\n");
  EXPECT_EQ(Read().memory_bytes, 1000000);
}

TEST_F(UsableTest, TheFirstVersionsGroupsAreRead) {
  Write("groups",
        "11:memory:/slurm/uid_0/job_5\n"
        "4:cpu,cpuacct:/slurm/uid_0/job_5\n"
        "1:name=systemd:/init.scope\n");
  Write("mounted/memory/slurm/uid_0/job_5/memory.limit_in_bytes", "2048000\n");
  Write("mounted/memory/memory.limit_in_bytes", "9223372036854771712\n");
  Write("mounted/cpu,cpuacct/slurm/uid_0/job_5/cpu.cfs_quota_us", "400000\n");
  Write("mounted/cpu,cpuacct/slurm/uid_0/job_5/cpu.cfs_period_us", "100000\n");
  Write("mounted/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  EXPECT_EQ(Read().memory_bytes, 2048000);
  EXPECT_EQ(Read().processors, 4);
}

TEST_F(UsableTest, WithoutLimitsThereAreNone) {
  EXPECT_FALSE(Read().memory_bytes.has_value());
  Write("groups", "0::/slurm\n");
  Write("mounted/slurm/memory.max", "max\n");
  Write("mounted/slurm/cpu.max", "max 100000\n");
  EXPECT_FALSE(Read().memory_bytes.has_value());
  EXPECT_FALSE(Read().processors.has_value());
}

TEST_F(UsableTest, ProcessorsAreThoseOfTheAffinity) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  int one = 0;
  while (!CPU_ISSET(one, &before)) ++one;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(one, &set);
  ASSERT_EQ(sched_setaffinity(0, sizeof(set), &set), 0);
  EXPECT_EQ(UsableProcessors(), 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof(before), &before), 0);
}

TEST_F(UsableTest, MemoryIsSomethingAndAtMostTheMachines) { EXPECT_GT(UsableMemory(), 1 << 20); }

}  // namespace
}  // namespace firstguess
