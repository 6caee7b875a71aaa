#include "coordinator/store/process_locks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "coordinator/store/lock_file.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

constexpr char kLocks[] =
    "1: POSIX  ADVISORY  READ 700 fe:00:9977918 124 124\n"
    "2: POSIX  ADVISORY  READ 701 fe:00:9977918 128 128\n"
    "3: POSIX  ADVISORY  WRITE 702 fe:00:111 123 127\n"
    "3: -> POSIX  ADVISORY  WRITE 703 fe:00:9977918 124 124\n"
    "4: FLOCK  ADVISORY  WRITE 704 fe:00:9977918 0 EOF\n"
    "5: POSIX  ADVISORY  READ -1 fe:00:9977918 123 123\n"
    "6: nonsense\n";

TEST(ProcessLocks, AreThoseOfTheFileTheBytesAndTheKind) {
  const auto holders = [](LockQuery query) { return LockHolders(kLocks, query); };
  EXPECT_THAT(holders({.inode = 9977918, .first = 123, .last = 127}), ElementsAre(0, 700));
  EXPECT_THAT(holders({.inode = 9977918, .first = 128, .last = 128}), ElementsAre(701));
  EXPECT_THAT(holders({.inode = 9977918, .first = 0, .last = 122}), IsEmpty());
  EXPECT_THAT(holders({.kind = LockQuery::Kind::kFlock, .inode = 9977918}), ElementsAre(704));
  EXPECT_THAT(holders({.inode = 5, .first = 0, .last = 1000}), IsEmpty());
}

TEST(ProcessLocks, ThisProcessIsFoundByItsLockFile) {
  const TemporaryFolder folder;
  const auto lock = LockFile::Take(folder.File("sweep.db"));
  ASSERT_TRUE(lock.ok()) << lock.status();
  struct stat info = {};
  ASSERT_EQ(stat(folder.File("sweep.db.lock").c_str(), &info), 0);
  EXPECT_THAT(LockHoldersNow({.kind = LockQuery::Kind::kFlock, .inode = info.st_ino}),
              ElementsAre(getpid()));
}

TEST(ProcessLocks, AProcessIsShownWithItsName) {
  EXPECT_THAT(ProcessInWords(getpid()), StartsWith("process "));
  EXPECT_THAT(ProcessInWords(getpid()), testing::EndsWith("(store_test)"));
  EXPECT_EQ(ProcessInWords(0), "a process outside this container");
}

}  // namespace
}  // namespace firstguess
