#include "worker/trainer/data/idx.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/common/temporary_folder.h"
#include "tests/worker/trainer/data/idx_files.h"

namespace firstguess::trainer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class IdxTest : public testing::Test {
 protected:
  absl::StatusOr<IdxArray> Read(const std::string& bytes, int rank = 1) {
    path_ = folder_.Write("file", bytes);
    return ReadIdx(path_, rank);
  }

  // Expects DataLoss at this decompressed byte of the file, with these words.
  void ExpectFault(const std::string& bytes, int rank, int64_t offset, const std::string& words) {
    const absl::Status status = Read(bytes, rank).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr(path_ + ": byte " + std::to_string(offset) + ": "));
    EXPECT_THAT(std::string(status.message()), HasSubstr(words));
  }

  TemporaryFolder folder_;
  std::string path_;
};

TEST_F(IdxTest, ReadsPlainAndGzipAlike) {
  const std::string file = Idx({2, 1, 3}, "abcdef");
  for (const std::string& bytes : {file, Gzip(file)}) {
    const absl::StatusOr<IdxArray> array = Read(bytes, 3);
    ASSERT_TRUE(array.ok()) << array.status();
    EXPECT_THAT(array->shape, ElementsAre(2, 1, 3));
    EXPECT_THAT(array->bytes, ElementsAre('a', 'b', 'c', 'd', 'e', 'f'));
  }
}

TEST_F(IdxTest, EveryTruncationIsRefusedAtItsEnd) {
  const std::string file = Idx({2, 3}, "abcdef");
  for (size_t length = 0; length < file.size(); ++length) {
    ExpectFault(file.substr(0, length), 2, static_cast<int64_t>(length), "truncated");
  }
}

TEST_F(IdxTest, EveryTruncationOfAGzipFileIsRefused) {
  const std::string file = Gzip(Idx({2, 3}, "abcdef"));
  for (size_t length = 3; length < file.size(); ++length) {
    const absl::Status status = Read(file.substr(0, length), 2).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << length << ": " << status;
  }
}

TEST_F(IdxTest, DamagedCompressionIsRefused) {
  std::string file = Gzip(Idx({4000}, std::string(4000, 'x')));
  file[file.size() - 6] ^= 0x10;  // in the checksum
  const absl::Status status = Read(file).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("damaged compression"));
}

TEST_F(IdxTest, AnotherMagicNumberIsRefusedAtByte0) {
  ExpectFault(std::string("\x89PNG\r\n\x1a\n", 8), 1, 0, "0x89504e47");
  // The right format, but another element type or rank.
  std::string floats = Idx({1}, "abcd");
  floats[2] = 0x0d;
  ExpectFault(floats, 1, 0, "magic number 0x00000d01");
  ExpectFault(Idx({1, 1}, "a"), 1, 0, "0x00000801");
}

TEST_F(IdxTest, SizesThatMeanTooManyBytesAreRefusedWithoutAskingForThem) {
  ExpectFault(Idx({0xffffffff}, ""), 1, 4, "4294967295");
  ExpectFault(Idx({65536, 65536, 65536}, ""), 3, 8, "larger than");
  // Within the limit, but the file is short.
  ExpectFault(Idx({1u << 31}, "abc"), 1, 11, "truncated");
}

TEST_F(IdxTest, AnEmptyDimensionIsRefused) { ExpectFault(Idx({3, 0}, ""), 2, 8, "empty"); }

TEST_F(IdxTest, TrailingBytesAreRefused) {
  ExpectFault(Idx({3}, "abcd"), 1, 11, "more data");
  ExpectFault(Gzip(Idx({3}, "abcd")), 1, 11, "more data");
}

TEST_F(IdxTest, AMissingFileIsNotFoundByItsName) {
  const absl::Status status = ReadIdx(folder_.path() + "/nowhere", 1).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr(folder_.path() + "/nowhere"));
}

}  // namespace
}  // namespace firstguess::trainer
