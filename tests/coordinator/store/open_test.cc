#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/store/migrations.h"
#include "coordinator/store/network_file_system.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/store.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void WriteFile(const std::string& path, const std::string& contents) {
  std::ofstream(path, std::ios::binary) << contents;
}

absl::Status Open(const std::string& path) {
  Store::Options options;
  options.path = path;
  options.clock = RealClock();
  return Store::Open(std::move(options)).status();
}

// As a user who may not write everywhere, as root may.
absl::Status OpenAsNobody(const std::string& path) {
  const uid_t me = geteuid();
  constexpr uid_t kNobody = 65534;
  if (me == 0) {
    EXPECT_EQ(seteuid(kNobody), 0);
  }
  absl::Status status = Open(path);
  if (me == 0) {
    EXPECT_EQ(seteuid(me), 0);
  }
  return status;
}

void MakeDatabase(const std::string& path) {
  TestStore store(path);
  store.Do(SweepOf(1, 3));
}

void ExecuteSql(const std::string& path, const std::string& sql) {
  auto database = sqlite::Database::Open(path, sqlite::Database::Mode::kCreate);
  ASSERT_TRUE(database.ok());
  ASSERT_TRUE((*database)->Execute(sql).ok());
}

class OpenTest : public testing::Test {
 protected:
  OpenTest() : path_(folder_.File("sweep.db")) {}

  // Opening fails like this, and leaves the folder as it was.
  void ExpectRefused(absl::StatusCode code, const std::string& words) {
    const std::string before = Contents(path_);
    const std::vector<std::string> names = folder_.Names();
    const absl::Status status = Open(path_);
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(words), HasSubstr(path_)));
    EXPECT_EQ(Contents(path_), before);
    EXPECT_EQ(folder_.Names(), names);
  }

  TemporaryFolder folder_;
  std::string path_;
};

TEST_F(OpenTest, CreatesAFileAndTidiesUpAfterItself) {
  { TestStore store(path_); }
  EXPECT_THAT(folder_.Names(), ElementsAre("sweep.db"));
}

TEST_F(OpenTest, TakesAnEmptyFileAsNew) {
  WriteFile(path_, "");
  MakeDatabase(path_);
  EXPECT_EQ(Row(path_, "SELECT count(*) FROM sweep"), "1");
}

TEST_F(OpenTest, FindsWhatWasWrittenBefore) {
  MakeDatabase(path_);
  TestStore store(path_);
  const absl::StatusOr<OpenWork> work = store.store().LoadOpenWork();
  ASSERT_TRUE(work.ok());
  ASSERT_EQ(work->sweeps.size(), 1U);
  EXPECT_EQ(work->sweeps[0].name, "sweep-1");
  EXPECT_EQ(work->last_sweep_id, 1);
}

TEST_F(OpenTest, FindsWhatAKilledProcessHadCommitted) {
  const pid_t child = fork();
  if (child == 0) {
    TestStore store(path_);
    store.Do(SweepOf(1, 3));
    _exit(0);  // the log is left as it is
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_THAT(folder_.Names(),
              ElementsAre("sweep.db", "sweep.db-shm", "sweep.db-wal", "sweep.db.lock"));
  TestStore store(path_);
  EXPECT_EQ(store.store().SpecText(1).value(), "name: sweep-1");
}

TEST_F(OpenTest, RefusesAFolderThatIsNotThere) {
  const absl::Status status = Open(folder_.File("missing/sweep.db"));
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr(folder_.File("missing")));
  EXPECT_THAT(folder_.Names(), IsEmpty());
}

TEST_F(OpenTest, RefusesAFolderInPlaceOfAFile) {
  const absl::Status status = Open(folder_.path());
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("is not a file"));
}

TEST_F(OpenTest, RefusesAFolderThatCanNotBeWritten) {
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0555));
  const absl::Status status = OpenAsNobody(path_);
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(folder_.path()), HasSubstr("can't be written")));
  EXPECT_THAT(folder_.Names(), IsEmpty());
}

TEST_F(OpenTest, RefusesAFileThatCanNotBeWritten) {
  MakeDatabase(path_);
  std::filesystem::permissions(folder_.path(), std::filesystem::perms(0777));
  std::filesystem::permissions(path_, std::filesystem::perms(0444));
  const std::string before = Contents(path_);
  const absl::Status status = OpenAsNobody(path_);
  EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(path_));
  EXPECT_EQ(Contents(path_), before);
  EXPECT_THAT(folder_.Names(), ElementsAre("sweep.db"));
}

TEST_F(OpenTest, RefusesWhatIsNoDatabase) {
  WriteFile(path_, std::string(5000, 'x'));
  ExpectRefused(absl::StatusCode::kDataLoss, "is not a database");
}

TEST_F(OpenTest, RefusesAShortFile) {
  WriteFile(path_, "name: first-guess\n");
  ExpectRefused(absl::StatusCode::kDataLoss, "is not a database");
}

TEST_F(OpenTest, RefusesADatabaseOfAnotherProgram) {
  ExecuteSql(path_, "PRAGMA application_id = 77; CREATE TABLE t (x); INSERT INTO t VALUES (1)");
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "of another program");
}

TEST_F(OpenTest, RefusesADatabaseWithoutAMark) {
  ExecuteSql(path_, "CREATE TABLE t (x)");
  ExpectRefused(absl::StatusCode::kFailedPrecondition, "of another program");
}

TEST_F(OpenTest, RefusesANewerVersion) {
  MakeDatabase(path_);
  ExecuteSql(path_, absl::StrCat("PRAGMA user_version = ", kSchemaVersion + 1));
  ExpectRefused(absl::StatusCode::kFailedPrecondition,
                absl::StrCat("is of version ", kSchemaVersion + 1));
}

// The header is whole, what follows is not.
TEST_F(OpenTest, RefusesADamagedFile) {
  MakeDatabase(path_);
  std::string contents = Contents(path_);
  std::fill(contents.begin() + 100, contents.end(), '\xff');
  WriteFile(path_, contents);
  ExpectRefused(absl::StatusCode::kDataLoss, "damaged");
}

TEST_F(OpenTest, RefusesAFileThatIsOpenAlreadyAndNamesTheHolder) {
  TestStore store(path_);
  const absl::Status status = Open(path_);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(absl::StrCat("locked by process ", getpid(), " on host ")));
  // And the holder goes on.
  store.Do(SweepOf(1, 1));
  EXPECT_EQ(Row(path_, "SELECT count(*) FROM sweep"), "1");
}

TEST_F(OpenTest, RefusesAFileThatIsOpenUnderAnotherName) {
  TestStore store(path_);
  std::filesystem::create_symlink(path_, folder_.File("link.db"));
  EXPECT_EQ(Open(folder_.File("link.db")).code(), absl::StatusCode::kUnavailable);
}

TEST_F(OpenTest, TakesALockThatNobodyHoldsAnyMore) {
  WriteFile(path_ + ".lock", "process 1 on host elsewhere\n");
  EXPECT_TRUE(Open(path_).ok());
  EXPECT_THAT(folder_.Names(), ElementsAre("sweep.db"));
}

TEST(NetworkFileSystems, AreKnownByTheirNumbers) {
  EXPECT_EQ(NetworkFileSystemName(0x6969), "NFS");
  EXPECT_EQ(NetworkFileSystemName(0xFF534D42), "CIFS");
  // On machines where the number is signed.
  EXPECT_EQ(NetworkFileSystemName(static_cast<int32_t>(0xFF534D42)), "CIFS");
  EXPECT_EQ(NetworkFileSystemName(0x0BD00BD0), "Lustre");
  EXPECT_EQ(NetworkFileSystemName(0xEF53), "");      // ext4
  EXPECT_EQ(NetworkFileSystemName(0x01021994), "");  // tmpfs
}

TEST(NetworkFileSystems, ARefusalSaysWhereTheDatabaseCanBe) {
  const absl::Status refused = CheckKindOfFileSystem("/home/her", 0x0BD00BD0);
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("/home/her"), HasSubstr("Lustre"), HasSubstr("disk of this machine"),
                    HasSubstr("firstguess backup")));
  EXPECT_TRUE(CheckKindOfFileSystem("/var/tmp", 0xEF53).ok());
}

}  // namespace
}  // namespace firstguess
