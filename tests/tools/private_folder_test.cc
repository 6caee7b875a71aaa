#include "tools/firstguess/private_folder.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"

namespace firstguess {
namespace {

TEST(PrivateFolderTest, OnlyThisUserMayEnter) {
  const auto folder = PrivateFolder::Create();
  ASSERT_TRUE(folder.ok()) << folder.status();
  struct stat information {};
  ASSERT_EQ(::stat((*folder)->Path("").c_str(), &information), 0);
  EXPECT_EQ(information.st_mode & 0777, 0700);
}

TEST(PrivateFolderTest, ItGoesWithWhatIsInIt) {
  std::string path;
  {
    const auto folder = PrivateFolder::Create();
    ASSERT_TRUE(folder.ok()) << folder.status();
    path = (*folder)->Path("socket");
    std::ofstream(path) << "text";
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(std::filesystem::path(path).parent_path()));
}

TEST(PrivateFolderTest, ASocketFitsHoweverLongTheUsersOwnPlaceIs) {
  const std::string before = ::getenv("TMPDIR") == nullptr ? "" : ::getenv("TMPDIR");
  const auto base = PrivateFolder::Create();
  ASSERT_TRUE(base.ok()) << base.status();
  const std::string long_place = (*base)->Path(std::string(120, 'x'));
  std::filesystem::create_directories(long_place);
  ::setenv("TMPDIR", long_place.c_str(), 1);
  ::setenv("XDG_RUNTIME_DIR", long_place.c_str(), 1);
  const auto folder = PrivateFolder::Create();
  ::unsetenv("XDG_RUNTIME_DIR");
  before.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", before.c_str(), 1);
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_LT((*folder)->Path("socket").size(), sizeof(sockaddr_un::sun_path));
}

}  // namespace
}  // namespace firstguess
