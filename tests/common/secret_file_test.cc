#include "common/secret_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "common/watched_file.h"
#include "gmock/gmock.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

class SecretFileTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& content, mode_t mode = 0600) {
    const std::string path = folder_.File(name);
    std::ofstream(path) << content;
    chmod(path.c_str(), mode);
    return path;
  }
  TemporaryFolder folder_;
};

TEST_F(SecretFileTest, ATokenIsTheFirstLineWithoutTheSpaceAroundIt) {
  EXPECT_EQ(*ReadTokenFile(Write("a", "0123456789abcdef\n")), "0123456789abcdef");
  EXPECT_EQ(*ReadTokenFile(Write("b", " 0123456789abcdef\r\nmore")), "0123456789abcdef");
  EXPECT_TRUE(absl::IsInvalidArgument(ReadTokenFile(Write("c", "short")).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(ReadTokenFile(Write("d", "")).status()));
}

TEST_F(SecretFileTest, AFileThatOthersHaveAnyAccessToIsRefused) {
  for (const mode_t mode : {0640, 0620, 0610, 0604, 0602, 0601}) {
    const absl::Status status = ReadTokenFile(Write("t", "0123456789abcdef", mode)).status();
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << mode;
    EXPECT_THAT(std::string(status.message()), HasSubstr("chmod 600"));
  }
}

TEST(IsPrivateTest, RootMayLetAGroupReadWhatItGivesToAnother) {
  struct Case {
    uid_t owner;
    mode_t mode;
    uid_t user;
    bool is_private;
  };
  for (const Case& one :
       {Case{1000, 0600, 1000, true}, Case{0, 0600, 0, true}, Case{0, 0440, 1000, true},
        Case{0, 0640, 1000, true}, Case{0, 0640, 0, false}, Case{1000, 0640, 1000, false},
        Case{1000, 0440, 1001, false}, Case{0, 0660, 1000, false}, Case{0, 0650, 1000, false},
        Case{0, 0444, 1000, false}, Case{0, 0442, 1000, false}}) {
    struct stat file = {};
    file.st_uid = one.owner;
    file.st_mode = S_IFREG | one.mode;
    EXPECT_EQ(IsPrivate(file, one.user), one.is_private)
        << "owner " << one.owner << ", mode " << std::oct << one.mode << ", user " << one.user;
  }
}

TEST_F(SecretFileTest, ASecretThatKubernetesMountsIsRead) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to give a file to another user's group";
  constexpr uid_t kUser = 10001;
  ASSERT_EQ(chmod(folder_.File("").c_str(), 0711), 0);
  const std::string path = Write("token", "0123456789abcdef\n", 0440);
  ASSERT_EQ(chown(path.c_str(), 0, kUser), 0);
  ASSERT_EQ(setegid(kUser), 0);
  ASSERT_EQ(seteuid(kUser), 0);
  const absl::StatusOr<std::string> token = ReadTokenFile(path);
  ASSERT_EQ(seteuid(0), 0);
  ASSERT_EQ(setegid(0), 0);
  EXPECT_TRUE(token.ok()) << token.status();
}

TEST_F(SecretFileTest, WhatIsNoFileForASecretIsRefused) {
  EXPECT_TRUE(absl::IsNotFound(ReadTokenFile(folder_.File("none")).status()));
  ASSERT_EQ(mkdir(folder_.File("folder").c_str(), 0700), 0);
  EXPECT_TRUE(absl::IsInvalidArgument(ReadTokenFile(folder_.File("folder")).status()));
  // One that nobody writes to would be waited for.
  ASSERT_EQ(mkfifo(folder_.File("pipe").c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsInvalidArgument(ReadTokenFile(folder_.File("pipe")).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      ReadPrivateFile(Write("large", std::string((1 << 20) + 1, 'x')), "the token").status()));
}

TEST(SameSecretTest, SecretsAreTheSameByteByByte) {
  EXPECT_TRUE(SameSecret("abc", "abc"));
  EXPECT_FALSE(SameSecret("abc", "abd"));
  EXPECT_FALSE(SameSecret("abc", "ab"));
  EXPECT_TRUE(SameSecret("", ""));
}

TEST_F(SecretFileTest, AFileIsSeenToChangeOnceForEachChange) {
  WatchedFile file(folder_.File("watched"));
  EXPECT_TRUE(file.Changed());  // the first time
  EXPECT_FALSE(file.Changed());
  Write("watched", "one");
  EXPECT_TRUE(file.Changed());
  EXPECT_FALSE(file.Changed());
  // Another file of the same size and time.
  struct stat info = {};
  ASSERT_EQ(stat(file.path().c_str(), &info), 0);
  const std::string other = Write("other", "two");
  const timespec times[] = {info.st_atim, info.st_mtim};
  ASSERT_EQ(utimensat(AT_FDCWD, other.c_str(), times, 0), 0);
  ASSERT_EQ(rename(other.c_str(), file.path().c_str()), 0);
  EXPECT_TRUE(file.Changed());
  ASSERT_EQ(unlink(file.path().c_str()), 0);
  EXPECT_TRUE(file.Changed());
  EXPECT_FALSE(file.Changed());
}

}  // namespace
}  // namespace firstguess
