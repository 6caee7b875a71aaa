#include "worker/trainer/data/shared_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/common/temporary_folder.h"

namespace firstguess::trainer {
namespace {

using ::testing::HasSubstr;

constexpr size_t kBytes = (size_t{2} << 20) + 100;

// Memory that begins 16 bytes into a page, as large allocations do.
class Buffer {
 public:
  explicit Buffer(uint8_t seed)
      : memory_(static_cast<uint8_t*>(std::aligned_alloc(4096, kBytes - 100 + 8192))) {
    for (size_t i = 0; i < kBytes; ++i) data()[i] = static_cast<uint8_t>(i * 7 + i / 251 + seed);
  }
  ~Buffer() { std::free(memory_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  uint8_t* data() { return memory_ + 16; }
  std::vector<uint8_t> bytes() { return {data(), data() + kBytes}; }

 private:
  uint8_t* const memory_;
};

// How many mappings of this process are of files in `folder`.
int Mappings(const std::string& folder) {
  std::ifstream maps("/proc/self/maps");
  int count = 0;
  for (std::string line; std::getline(maps, line);) count += line.find(folder) != line.npos;
  return count;
}

std::vector<std::filesystem::path> Files(const std::string& folder) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  return files;
}

TEST(SharePages, EqualBytesAreOneFileAndStayWhatTheyAre) {
  const TemporaryFolder folder;
  Buffer one(1), other(1);
  const std::vector<uint8_t> before = one.bytes();
  ASSERT_TRUE(SharePages(one.data(), kBytes, folder.path()).ok());
  ASSERT_TRUE(SharePages(other.data(), kBytes, folder.path()).ok());
  EXPECT_EQ(Files(folder.path()).size(), 1u);
  EXPECT_EQ(Mappings(folder.path()), 2);
  EXPECT_EQ(one.bytes(), before);
  EXPECT_EQ(other.bytes(), before);
}

TEST(SharePages, WhatOneWritesTheOthersDoNotSee) {
  const TemporaryFolder folder;
  Buffer one(1), other(1);
  const std::vector<uint8_t> before = other.bytes();
  ASSERT_TRUE(SharePages(one.data(), kBytes, folder.path()).ok());
  ASSERT_TRUE(SharePages(other.data(), kBytes, folder.path()).ok());
  one.data()[kBytes / 2] ^= 1;
  EXPECT_EQ(other.bytes(), before);
  Buffer third(1);
  EXPECT_TRUE(SharePages(third.data(), kBytes, folder.path()).ok());
}

TEST(SharePages, OtherBytesHaveAnotherFile) {
  const TemporaryFolder folder;
  Buffer one(1), other(2);
  ASSERT_TRUE(SharePages(one.data(), kBytes, folder.path()).ok());
  ASSERT_TRUE(SharePages(other.data(), kBytes, folder.path()).ok());
  EXPECT_EQ(Files(folder.path()).size(), 2u);
}

TEST(SharePages, AFileThatWasTamperedWithIsNotUsed) {
  const TemporaryFolder folder;
  {
    Buffer first(1);
    ASSERT_TRUE(SharePages(first.data(), kBytes, folder.path()).ok());
  }
  const std::string path = Files(folder.path()).at(0);
  chmod(path.c_str(), 0600);
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(5000).put('x').flush();
  Buffer second(1);
  const std::vector<uint8_t> before = second.bytes();
  const int mappings = Mappings(folder.path());  // of memory that the first gave back, maybe
  absl::Status status = SharePages(second.data(), kBytes, folder.path());
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("this user alone wrote"));
  chmod(path.c_str(), 0400);
  status = SharePages(second.data(), kBytes, folder.path());
  EXPECT_THAT(std::string(status.message()), HasSubstr("holds other bytes; delete it"));
  EXPECT_EQ(Mappings(folder.path()), mappings);
  EXPECT_EQ(second.bytes(), before);
}

TEST(SharePages, AFolderThatIsNotThereLeavesEverythingAsItIs) {
  Buffer buffer(1);
  const std::vector<uint8_t> before = buffer.bytes();
  EXPECT_TRUE(absl::IsUnavailable(SharePages(buffer.data(), kBytes, "/nowhere")));
  EXPECT_EQ(buffer.bytes(), before);
}

TEST(SharePages, LittleIsNotWorthAFile) {
  const TemporaryFolder folder;
  Buffer buffer(1);
  EXPECT_TRUE(SharePages(buffer.data(), 1 << 20, folder.path()).ok());
  EXPECT_TRUE(Files(folder.path()).empty());
}

TEST(SharedPagesFolder, IsThisUsersAlone) {
  const TemporaryFolder parent;
  const char* const given = std::getenv("TMPDIR");
  const std::string before = given != nullptr ? given : "/tmp";
  setenv("TMPDIR", parent.path().c_str(), 1);
  const std::string folder = SharedPagesFolder();
  EXPECT_EQ(folder, parent.path() + "/firstguess-" + std::to_string(geteuid()));
  chmod(folder.c_str(), 0777);
  EXPECT_EQ(SharedPagesFolder(), "");
  setenv("TMPDIR", before.c_str(), 1);
}

}  // namespace
}  // namespace firstguess::trainer
