// Finding, reading, normalising and thinning data sets.

#include "worker/trainer/data/images.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "common/spec/datasets.h"
#include "tests/common/temporary_folder.h"
#include "tests/worker/trainer/data/idx_files.h"
#include "worker/trainer/data/dataset_files.h"
#include "worker/trainer/data/imbalance.h"
#include "worker/trainer/data/locate.h"

namespace firstguess::trainer {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Writes the four files of a data set of `name`, with `train` and `test` black images, labelled in
// turn.
void WriteDataset(const TemporaryFolder& folder, const std::string& name, uint32_t train,
                  uint32_t test) {
  const auto labels = [](uint32_t count) {
    std::string bytes;
    for (uint32_t i = 0; i < count; ++i) bytes.push_back(static_cast<char>(i % 10));
    return bytes;
  };
  folder.Write(name + "/" + kTrainImages + ".gz",
               Gzip(Idx({train, 28, 28}, std::string(size_t{784} * train, '\0'))));
  folder.Write(name + "/" + kTrainLabels, Idx({train}, labels(train)));
  folder.Write(name + "/" + kTestImages + ".gz",
               Gzip(Idx({test, 28, 28}, std::string(size_t{784} * test, '\0'))));
  folder.Write(name + "/" + kTestLabels, Idx({test}, labels(test)));
}

TEST(Images, NormalisationIsThePopulationsOfEachChannel) {
  LabelledImages images;
  images.inputs = 4;
  images.channels = 2;
  images.pixels = {0, 255, 10, 10, 51, 102, 10, 10};  // channel 0: 0 255 51 102; channel 1: all 10
  images.labels = {0, 1};
  const PixelTable table = NormalisationTable(images);
  ASSERT_EQ(table.size(), 2u);
  const double mean = (0 + 1 + 0.2 + 0.4) / 4;
  const double std = std::sqrt((mean * mean + (1 - mean) * (1 - mean) +
                                (0.2 - mean) * (0.2 - mean) + (0.4 - mean) * (0.4 - mean)) /
                               4);
  EXPECT_EQ(table[0][51], static_cast<float>((0.2 - mean) / std));
  EXPECT_EQ(table[0][255], static_cast<float>((1 - mean) / std));
  EXPECT_EQ(table[0][7], static_cast<float>((7 / 255.0 - mean) / std));
  EXPECT_EQ(table[1][10], 0);  // a channel without variance

  float out[4];
  const int64_t row = 1;
  FillInputs(images, table, &row, 1, out);
  EXPECT_THAT(out, ElementsAre(table[0][51], table[0][102], 0, 0));
}

TEST(Images, FashionMnistIsReadAsItIs) {
  const absl::StatusOr<ImageDataset> data = ReadImageDataset("fashion-mnist", {});
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->train.count(), 60000);
  EXPECT_EQ(data->test.count(), 10000);
  EXPECT_EQ(data->train.inputs, 784);
  EXPECT_EQ(data->train.labels[0], 9);  // an ankle boot comes first
  // The mean 0.2860 and deviation 0.3530 that everybody normalises Fashion-MNIST with.
  EXPECT_NEAR(data->table[0][0], -0.2860406 / 0.3530242, 1e-6);
  EXPECT_NEAR(data->table[0][255], (1 - 0.2860406) / 0.3530242, 1e-6);
}

TEST(Images, FilesOfAnotherDataSetAreRefused) {
  const TemporaryFolder folder;
  WriteDataset(folder, "fashion-mnist", 30, 10);
  const absl::Status status = ReadImageDataset("fashion-mnist", {folder.path()}).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(folder.path() + "/fashion-mnist"), HasSubstr("not fashion-mnist"),
                    HasSubstr("6000")));
}

TEST(Images, ALabelOutsideTheClassesIsNamedByItsByte) {
  const TemporaryFolder folder;
  WriteDataset(folder, "mnist", 10, 10);
  folder.Write(std::string("mnist/") + kTrainLabels,
               Idx({10}, std::string("\0\1\2\12\0\0\0\0\0\0", 10)));
  const absl::Status status = ReadImageDataset("mnist", {folder.path()}).status();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(std::string(kTrainLabels) + ": byte 11: label 10"));
}

TEST(Images, CountsOfImagesAndLabelsMustAgree) {
  const TemporaryFolder folder;
  WriteDataset(folder, "mnist", 10, 10);
  folder.Write(std::string("mnist/") + kTrainLabels, Idx({9}, std::string(9, '\0')));
  const absl::Status status = ReadImageDataset("mnist", {folder.path()}).status();
  EXPECT_TRUE(absl::IsDataLoss(status));
  EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr("10 images"), HasSubstr("9 labels")));
}

TEST(Images, UnknownNamesAreRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(ReadImageDataset("imagenet", {}).status()));
}

TEST(Locate, GivenFoldersComeFirstInOrder) {
  const TemporaryFolder first, second;
  WriteDataset(second, "fashion-mnist", 1, 1);
  EXPECT_EQ(*LocateDataset("fashion-mnist", {first.path(), second.path()}),
            second.path() + "/fashion-mnist");
  WriteDataset(first, "fashion-mnist", 1, 1);
  EXPECT_EQ(*LocateDataset("fashion-mnist", {first.path(), second.path()}),
            first.path() + "/fashion-mnist");
}

TEST(Locate, AMissingDataSetSaysWhereItLookedAndHowToGetIt) {
  const TemporaryFolder folder;
  folder.Write("mnist/" + std::string(kTrainImages), "");
  const absl::Status status = LocateDataset("mnist", {folder.path(), "/other"}).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(
      std::string(status.message()),
      AllOf(HasSubstr(folder.path() + "/mnist (lacks " + kTrainLabels + ")"),
            HasSubstr("/other/mnist, /usr/share/datasets/mnist;"), HasSubstr("--data-dir")));
}

TEST(Locate, DebiansPackageIsNamedForFashionMnist) {
  const TemporaryFolder nothing;
  const absl::Status status = LocateDataset("fashion-mnist", {}, nothing.path()).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("apt-get install dataset-fashion-mnist"));
}

TEST(Locate, FoundDatasetsAreThoseWithAllFiles) {
  const TemporaryFolder folder;
  WriteDataset(folder, "mnist", 1, 1);
  EXPECT_THAT(FoundDatasets({folder.path()}), testing::Contains("mnist"));
}

TEST(Imbalance, KeepsTheFirstOfEachClassInFileOrder) {
  std::vector<int64_t> labels;
  for (int i = 0; i < 300; ++i) labels.push_back(i % 3);      // 100 of each
  const std::vector<int64_t> rows = KeptRows(labels, 3, 16);  // keep 100, 25, 6
  std::vector<int64_t> count(3, 0);
  for (const int64_t row : rows) {
    ++count[static_cast<size_t>(labels[static_cast<size_t>(row)])];
  }
  EXPECT_THAT(count, ElementsAre(100, 25, 6));
  EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
  EXPECT_EQ(rows[2], 2);
  EXPECT_EQ(rows.back(), 297);
  // The last example of class 2 that is kept is its sixth.
  EXPECT_TRUE(std::binary_search(rows.begin(), rows.end(), 17));
  EXPECT_FALSE(std::binary_search(rows.begin(), rows.end(), 20));
}

TEST(Imbalance, OneKeepsEverythingAndHugeRatiosKeepOne) {
  const std::vector<int64_t> labels = {1, 0, 1, 1, 0};
  EXPECT_THAT(KeptRows(labels, 2, 1), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(KeptRows(labels, 2, 1e9), ElementsAre(0, 1, 4));
}

TEST(Imbalance, CountsAgreeWithWhatSubmitWasChecked) {
  const DatasetInfo& info = *FindDataset("fashion-mnist");
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < 60000; ++i) labels.push_back(i % 10);
  for (const double ratio : {1.0, 2.5, 100.0, 20000.0}) {
    EXPECT_EQ(static_cast<int64_t>(KeptRows(labels, 10, ratio).size()), info.TrainExamples(ratio));
  }
}

}  // namespace
}  // namespace firstguess::trainer
