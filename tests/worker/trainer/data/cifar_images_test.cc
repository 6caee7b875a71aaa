// CIFAR's records, in files of a few.

#include "worker/trainer/data/cifar_images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/worker/trainer/data/cifar_files.h"

namespace firstguess::trainer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CifarImagesTest : public testing::Test {
 protected:
  absl::StatusOr<LabelledImages> Read(const std::string& bytes, int64_t records) {
    path_ = folder_.Write("file.bin", bytes);
    return ReadCifarImages({path_}, records, 0, *FindDataset("cifar-10"));
  }
  absl::StatusOr<LabelledImages> Read100(const std::string& bytes, int64_t records) {
    path_ = folder_.Write("file.bin", bytes);
    return ReadCifarImages({path_}, records, 20, *FindDataset("cifar-100"));
  }

  // That the reading failed at this decompressed byte of the file, with these words.
  void ExpectFault(const absl::StatusOr<LabelledImages>& read, int64_t offset,
                   const std::string& words) {
    EXPECT_TRUE(absl::IsDataLoss(read.status())) << read.status();
    EXPECT_THAT(std::string(read.status().message()),
                HasSubstr(absl::StrCat(path_, ": byte ", offset, ": ", words)));
  }

  TemporaryFolder folder_;
  std::string path_;
};

TEST_F(CifarImagesTest, ARecordIsALabelAndThreeChannels) {
  std::string second = CifarRecord(0, 4, 5, 6);
  second[1] = '\x80';     // the first pixel of red
  second[1025] = '\xfe';  // of green
  const std::string file = CifarRecord(9, 1, 2, 255) + second;
  for (const std::string& bytes : {file, Gzip(file)}) {
    const absl::StatusOr<LabelledImages> images = Read(bytes, 2);
    ASSERT_TRUE(images.ok()) << images.status();
    EXPECT_EQ(images->inputs, kCifarPixels);
    EXPECT_EQ(images->channels, 3);
    EXPECT_THAT(images->labels, ElementsAre(9, 0));
    ASSERT_EQ(images->pixels.size(), 2u * kCifarPixels);
    const uint8_t* pixel = images->pixels.data();
    EXPECT_EQ(pixel[1023], 1);
    EXPECT_EQ(pixel[1024], 2);
    EXPECT_EQ(pixel[2047], 2);
    EXPECT_EQ(pixel[3071], 255);
    EXPECT_EQ(pixel[3072], 0x80);
    EXPECT_EQ(pixel[3073], 4);
    EXPECT_EQ(pixel[3072 + 1024], 0xfe);
  }
}

TEST_F(CifarImagesTest, TheFineLabelIsTheSecondByteOfCifar100) {
  const absl::StatusOr<LabelledImages> images =
      Read100(Cifar100Record(19, 99, 1, 2, 3) + Cifar100Record(0, 19, 4, 5, 6), 2);
  ASSERT_TRUE(images.ok()) << images.status();
  EXPECT_THAT(images->labels, ElementsAre(99, 19));
  EXPECT_EQ(images->pixels[0], 1);
  EXPECT_EQ(images->pixels[kCifarPixels], 4);
}

TEST_F(CifarImagesTest, FilesFollowEachOtherInOrder) {
  const std::string first = folder_.Write("b", CifarRecord(1, 0, 0, 0) + CifarRecord(2, 0, 0, 0));
  const std::string second = folder_.Write("a", CifarRecord(3, 7, 0, 0) + CifarRecord(4, 0, 0, 0));
  const absl::StatusOr<LabelledImages> images =
      ReadCifarImages({first, second}, 4, 0, *FindDataset("cifar-10"));
  ASSERT_TRUE(images.ok()) << images.status();
  EXPECT_THAT(images->labels, ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(images->pixels[2 * kCifarPixels], 7);
}

TEST_F(CifarImagesTest, ATruncatedFileIsRefusedAtItsEndWithWhatIsLacking) {
  const std::string file = CifarRecord(1, 1, 2, 3) + CifarRecord(2, 1, 2, 3);
  for (const size_t length : {0u, 1u, 2u, 3072u, 3073u, 3074u, 6145u}) {
    ExpectFault(Read(file.substr(0, length), 2), static_cast<int64_t>(length),
                absl::StrCat("the file ends here, ", 6146 - length, " bytes short"));
  }
  const std::string file_100 = Cifar100Record(1, 1, 2, 3, 4);
  for (const size_t length : {0u, 1u, 2u, 3073u}) {
    ExpectFault(Read100(file_100.substr(0, length), 1), static_cast<int64_t>(length),
                absl::StrCat("the file ends here, ", 3074 - length, " bytes short"));
  }
}

TEST_F(CifarImagesTest, MoreThanItsRecordsIsRefused) {
  const std::string file = CifarRecord(1, 1, 2, 3) + CifarRecord(2, 1, 2, 3);
  for (const std::string& bytes : {file + "x", Gzip(file + "x")}) {
    ExpectFault(Read(bytes, 2), 6146, "more data than 2 records of 3073 bytes");
  }
}

TEST_F(CifarImagesTest, LabelsOutOfRangeAreRefusedAtTheirByte) {
  ExpectFault(Read(CifarRecord(9, 0, 0, 0) + CifarRecord(10, 0, 0, 0), 2), 3073,
              "label 10, where cifar-10 has classes 0 to 9");
  ExpectFault(Read100(Cifar100Record(0, 0, 0, 0, 0) + Cifar100Record(0, 100, 0, 0, 0), 2), 3075,
              "label 100, where cifar-100 has classes 0 to 99");
  ExpectFault(Read100(Cifar100Record(0, 0, 0, 0, 0) + Cifar100Record(20, 5, 0, 0, 0), 2), 3074,
              "coarse label 20, where cifar-100 has coarse classes 0 to 19");
}

TEST_F(CifarImagesTest, DamagedCompressionIsRefused) {
  std::string file = Gzip(CifarRecord(1, 1, 2, 3));
  file[file.size() - 6] ^= 0x10;  // in the checksum
  const absl::Status status = Read(file, 1).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("damaged compression"));
}

TEST_F(CifarImagesTest, AMissingFileIsNotFoundByItsName) {
  const std::string path = absl::StrCat(folder_.path(), "/nowhere");
  const absl::Status status = ReadCifarImages({path}, 1, 0, *FindDataset("cifar-10")).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr(path));
}

}  // namespace
}  // namespace firstguess::trainer
