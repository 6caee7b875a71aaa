// Data sets that a user made: finding, reading and refusing them.

#include "worker/trainer/data/own_dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "common/hash.h"
#include "tests/worker/trainer/data/npy_files.h"
#include "worker/trainer/data/locate.h"

namespace firstguess::trainer {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class OwnDatasetTest : public testing::Test {
 protected:
  OwnDatasetTest() { WriteOwnDataset(folder_, "mine", 6, 3); }

  absl::StatusOr<ImageDataset> Read(int64_t classes = 3) {
    return ReadOwnDataset("npy/mine", classes, {folder_.path()});
  }

  std::string Path(const std::string& file) const {
    return absl::StrCat(folder_.path(), "/mine/", file);
  }

  void ExpectDataLoss(const std::string& words) {
    const absl::Status status = Read().status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(words));
  }

  const TemporaryFolder folder_;
};

TEST_F(OwnDatasetTest, FloatsAreUsedAsTheyAre) {
  const absl::StatusOr<ImageDataset> data = Read();
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->name, "npy/mine");
  EXPECT_EQ(data->classes, 3);
  EXPECT_EQ(data->train.count(), 6);
  EXPECT_EQ(data->test.count(), 3);
  EXPECT_EQ(data->train.inputs, 3);
  EXPECT_THAT(data->train.labels, ElementsAre(0, 1, 2, 0, 1, 2));
  EXPECT_TRUE(data->table.empty());
  float out[6];
  const int64_t rows[] = {5, 1};
  FillInputs(data->train, data->table, rows, 2, out);
  EXPECT_THAT(out, ElementsAre(0, 0, 1, 0, 1, 0));
}

TEST_F(OwnDatasetTest, DoublesAreRoundedOnce) {
  folder_.Write("mine/test/x.npy", Npy("<f8", {3, 3}, std::vector<double>(9, 0.1)));
  const absl::StatusOr<ImageDataset> data = Read();
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_THAT(data->test.values, Each(0.1f));
}

TEST_F(OwnDatasetTest, BytesAreNormalisedChannelByChannelOverTheTrainingSplit) {
  // Images of 2 channels, 1 row and 2 columns.
  std::vector<uint8_t> train = {0, 255, 10, 10, 51, 102, 10, 10};
  folder_.Write("mine/train/x.npy", Npy("|u1", {2, 2, 1, 2}, train));
  folder_.Write("mine/train/y.npy", Npy("|u1", {2}, std::vector<uint8_t>{2, 0}));
  folder_.Write("mine/test/x.npy", Npy("|u1", {1, 2, 1, 2}, std::vector<uint8_t>{51, 0, 10, 10}));
  folder_.Write("mine/test/y.npy", Npy("<u8", {1}, std::vector<uint64_t>{2}));
  const absl::StatusOr<ImageDataset> data = Read();
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->train.channels, 2);
  EXPECT_EQ(data->train.height, 1);
  EXPECT_EQ(data->train.width, 2);
  EXPECT_THAT(data->train.labels, ElementsAre(2, 0));
  const double mean = (0 + 1 + 0.2 + 0.4) / 4;
  const double std = std::sqrt((mean * mean + (1 - mean) * (1 - mean) +
                                (0.2 - mean) * (0.2 - mean) + (0.4 - mean) * (0.4 - mean)) /
                               4);
  float out[4];
  const int64_t row = 0;
  FillInputs(data->test, data->table, &row, 1, out);
  EXPECT_THAT(out, ElementsAre(static_cast<float>((0.2 - mean) / std),
                               static_cast<float>((0 - mean) / std), 0, 0));
}

TEST_F(OwnDatasetTest, EachRankHasItsImageSize) {
  const auto size = [&](const std::vector<int64_t>& shape) {
    for (const char* split : {"train", "test"}) {
      folder_.Write(absl::StrCat("mine/", split, "/x.npy"),
                    Npy("<f4", shape, std::vector<float>(24)));
      folder_.Write(absl::StrCat("mine/", split, "/y.npy"),
                    Npy("|u1", {2}, std::vector<uint8_t>(2)));
    }
    const absl::StatusOr<ImageDataset> data = Read();
    EXPECT_TRUE(data.ok()) << data.status();
    const LabelledImages& train = data->train;
    EXPECT_EQ(train.inputs, 12);
    return std::vector<int64_t>{train.channels, train.height, train.width};
  };
  EXPECT_THAT(size({2, 12}), ElementsAre(1, 1, 12));
  EXPECT_THAT(size({2, 4, 3}), ElementsAre(1, 4, 3));
  EXPECT_THAT(size({2, 3, 2, 2}), ElementsAre(3, 2, 2));
}

TEST_F(OwnDatasetTest, AClassMayHaveNoExamplesButEveryLabelNeedsItsClass) {
  EXPECT_TRUE(Read(5).ok());
  // The labels are int64 from byte 128 on; the third is 2.
  const absl::Status status = Read(2).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_EQ(std::string(status.message()),
            absl::StrCat(Path("train/y.npy"),
                         ": byte 144: label 2, where `data_classes` 2 allows 0 to 1"));
  folder_.Write("mine/test/y.npy", Npy("|i1", {3}, std::vector<int8_t>{0, -1, 0}));
  ExpectDataLoss(absl::StrCat(Path("test/y.npy"), ": byte 129: label -1"));
}

TEST_F(OwnDatasetTest, InputsThatAreNotFiniteInFloat32AreRefused) {
  for (const double wrong : {std::nan(""), std::numeric_limits<double>::infinity(), 1e39}) {
    std::vector<double> x(9, 0);
    x[4] = wrong;
    folder_.Write("mine/test/x.npy", Npy("<f8", {3, 3}, x));
    ExpectDataLoss(absl::StrCat(Path("test/x.npy"), ": byte 160: an input of "));
  }
}

TEST_F(OwnDatasetTest, ArraysThatDoNotFitTogetherAreRefused) {
  folder_.Write("mine/test/y.npy", Npy("|u1", {2}, std::vector<uint8_t>{0, 1}));
  ExpectDataLoss("test/x.npy holds 3 examples, " + Path("test/y.npy") + " 2 labels");
  folder_.Write("mine/test/y.npy", Npy("|u1", {3}, std::vector<uint8_t>{0, 1, 2}));
  folder_.Write("mine/test/x.npy", Npy("<f4", {3, 4}, std::vector<float>(12)));
  ExpectDataLoss("for training is 1 x 1 x 3 floats, one for testing 1 x 1 x 4 floats");
  folder_.Write("mine/test/x.npy", Npy("|u1", {3, 3}, std::vector<uint8_t>(9)));
  ExpectDataLoss("for training is 1 x 1 x 3 floats, one for testing 1 x 1 x 3 bytes");
  folder_.Write("mine/test/x.npy", Npy("<i4", {3, 3}, std::vector<int32_t>(9)));
  ExpectDataLoss("'<i4', where they must be one of |u1, <f4, <f8");
  folder_.Write("mine/test/x.npy", Npy("<f4", {3}, std::vector<float>(3)));
  ExpectDataLoss("1 dimensions, where it must have 2 to 4");
}

TEST_F(OwnDatasetTest, TheFoldersSumsAreHonoured) {
  const std::string file = Npy("|u1", {3}, std::vector<uint8_t>{0, 1, 2});
  folder_.Write("mine/test/y.npy", file);
  folder_.Write("mine/SHA256SUMS", absl::StrCat(Sha256Hex(file), "  test/y.npy\n"));
  EXPECT_TRUE(Read().ok()) << Read().status();
  folder_.Write("mine/SHA256SUMS", absl::StrCat(Sha256Hex(file + "x"), "  test/y.npy\n"));
  ExpectDataLoss(absl::StrCat(Path("test/y.npy"), ": its SHA-256 is ", Sha256Hex(file), ", where ",
                              Path("SHA256SUMS")));
}

TEST_F(OwnDatasetTest, IsFoundByItsFolderAndOddNamesArePassedOver) {
  WriteOwnDataset(folder_, "UPPER.and-2_3", 1, 1);
  WriteOwnDataset(folder_, "odd name", 1, 1);
  WriteOwnDataset(folder_, ".hidden", 1, 1);
  WriteOwnDataset(folder_, std::string(65, 'x'), 1, 1);
  folder_.Write("partial/train/x.npy", "");
  const std::vector<std::string> found =
      FoundDatasets({folder_.path(), folder_.path(), folder_.path() + "/none"});
  EXPECT_EQ(std::count(found.begin(), found.end(), "npy/mine"), 1);
  EXPECT_THAT(found, AllOf(Contains("npy/UPPER.and-2_3"), Contains("blobs"), Contains("gaussian"),
                           Not(Contains("npy/partial"))));
  EXPECT_THAT(found, Not(Contains(AnyOf(HasSubstr("odd"), HasSubstr("hidden"), HasSubstr("xx")))));
}

TEST_F(OwnDatasetTest, AMissingOneSaysWhereItLookedAndHowToMakeIt) {
  folder_.Write("other/train/x.npy", "");
  const absl::Status status = ReadOwnDataset("npy/other", 3, {folder_.path()}).status();
  EXPECT_TRUE(absl::IsNotFound(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(StartsWith("data set npy/other not found"),
                    HasSubstr(folder_.path() + "/other (lacks train/y.npy), "
                                               "/usr/share/datasets/other; "),
                    HasSubstr("numpy.save in <dir>/other and give --data-dir <dir>")));
}

TEST_F(OwnDatasetTest, NamesThatLeaveTheFolderAreRefused) {
  for (const char* name : {"npy/../mine", "npy/", "npy/.."}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ReadOwnDataset(name, 3, {folder_.path()}).status()))
        << name;
  }
}

}  // namespace
}  // namespace firstguess::trainer
