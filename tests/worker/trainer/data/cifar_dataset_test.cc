// Finding and reading whole CIFAR data sets, generated.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "tests/worker/trainer/data/cifar_files.h"
#include "worker/trainer/data/images.h"
#include "worker/trainer/data/locate.h"

namespace firstguess::trainer {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// Writes a whole CIFAR-100 in which class c has colour (c, 100 + c, 200), every image of it.
void WriteCifar100(const TemporaryFolder& folder, const std::string& subfolder) {
  const auto file = [](int count) {
    std::string bytes;
    bytes.reserve(static_cast<size_t>(count * (2 + kCifarPixels)));
    for (int i = 0; i < count; ++i) {
      const int label = i % 100;
      bytes += Cifar100Record(label / 5, label, label, 100 + label, 200);
    }
    return bytes;
  };
  folder.Write(absl::StrCat(subfolder, "/train.bin"), file(50000));
  folder.Write(absl::StrCat(subfolder, "/test.bin"), file(10000));
}

TEST(Cifar10, IsReadFromItsFilesInOrder) {
  const TemporaryFolder folder;
  WriteStripedCifar10(folder, "cifar-10");
  const absl::StatusOr<ImageDataset> data = ReadImageDataset("cifar-10", {folder.path()});
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->name, "cifar-10");
  EXPECT_EQ(data->classes, 10);
  ASSERT_EQ(data->train.count(), 50000);
  ASSERT_EQ(data->test.count(), 10000);
  EXPECT_EQ(data->train.labels[10003], 3);
  // Class 0 is bright at its first pixel: 50 in the first file, 250 in the last.
  EXPECT_EQ(data->train.pixels[0], 50);
  EXPECT_EQ(data->train.pixels[40000 * kCifarPixels], 250);
  EXPECT_EQ(data->test.pixels[0], 200);
}

TEST(Cifar100, IsNormalisedByChannel) {
  const TemporaryFolder folder;
  WriteCifar100(folder, "cifar-100");
  const absl::StatusOr<ImageDataset> data = ReadImageDataset("cifar-100", {folder.path()});
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(data->classes, 100);
  EXPECT_EQ(data->train.labels[99], 99);
  ASSERT_EQ(data->table.size(), 3u);
  // Red is 0 … 99 equally often: mean 49.5, variance (100^2 - 1) / 12. Green is red + 100.
  const double std = std::sqrt(9999.0 / 12);
  EXPECT_NEAR(data->table[0][0], -49.5 / std, 1e-6);
  EXPECT_NEAR(data->table[1][100], -49.5 / std, 1e-6);
  EXPECT_NEAR(data->table[1][199], 49.5 / std, 1e-6);
  EXPECT_EQ(data->table[2][200], 0);  // blue has no variance
  std::vector<float> inputs(kCifarPixels);
  const int64_t row = 7;
  FillInputs(data->test, data->table, &row, 1, inputs.data());
  EXPECT_EQ(inputs[0], data->table[0][7]);
  EXPECT_EQ(inputs[1024], data->table[1][107]);
  EXPECT_EQ(inputs[2048], 0);
}

TEST(Cifar10, OtherNumbersPerClassAreRefused) {
  const TemporaryFolder folder;
  WriteStripedCifar10(folder, "cifar-10");
  std::string batch = StripedCifarFile(10000, 100);
  batch[0] = 1;  // one example of class 0 becomes class 1
  folder.Write("cifar-10/data_batch_2.bin", batch);
  const absl::Status status = ReadImageDataset("cifar-10", {folder.path()}).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr(absl::StrCat(folder.path(), "/cifar-10: not cifar-10")),
                    HasSubstr("4999, 5001, 5000"), HasSubstr("should be 5000, 5000")));
}

TEST(Cifar10, AFileOfAnotherSizeIsRefusedByItsName) {
  const TemporaryFolder folder;
  WriteStripedCifar10(folder, "cifar-10");
  folder.Write("cifar-10/data_batch_5.bin", StripedCifarFile(9999, 250));
  const absl::Status status = ReadImageDataset("cifar-10", {folder.path()}).status();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(absl::StrCat(folder.path(), "/cifar-10/data_batch_5.bin: byte ",
                                     9999 * 3073, ": the file ends here, 3073 bytes short")));
}

// Files that are there, but empty: enough to be found.
void WriteEmpty(const TemporaryFolder& folder, const std::string& subfolder) {
  for (const char* name : {"data_batch_1.bin", "data_batch_2.bin.gz", "data_batch_3.bin",
                           "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"}) {
    folder.Write(absl::StrCat(subfolder, "/", name), "");
  }
}

TEST(LocateCifar, TheArchivesFolderMayStay) {
  const TemporaryFolder folder;
  const std::string below = absl::StrCat(folder.path(), "/cifar-10");
  WriteEmpty(folder, "cifar-10/cifar-10-batches-bin");
  EXPECT_EQ(*LocateDataset("cifar-10", {folder.path()}),
            absl::StrCat(below, "/cifar-10-batches-bin"));
  WriteEmpty(folder, "cifar-10");
  EXPECT_EQ(*LocateDataset("cifar-10", {folder.path()}), below);
  EXPECT_THAT(FoundDatasets({folder.path()}),
              AllOf(Contains("cifar-10"), Not(Contains("cifar-100"))));
  folder.Write("cifar-100/cifar-100-binary/train.bin", "");
  folder.Write("cifar-100/cifar-100-binary/test.bin", "");
  EXPECT_THAT(FoundDatasets({folder.path()}), Contains("cifar-100"));
}

TEST(LocateCifar, WhatIsMissingIsNamedAndTheArchiveThatHasIt) {
  const TemporaryFolder folder;
  folder.Write("cifar-10/data_batch_1.bin", "");
  folder.Write("cifar-10/cifar-10-batches-bin/data_batch_2.bin", "");
  const absl::Status status = LocateDataset("cifar-10", {folder.path()}, "/packaged").status();
  EXPECT_TRUE(absl::IsNotFound(status));
  const std::string below = absl::StrCat(folder.path(), "/cifar-10");
  EXPECT_THAT(
      std::string(status.message()),
      AllOf(HasSubstr(absl::StrCat(below, " (lacks data_batch_2.bin), ")),
            HasSubstr(absl::StrCat(below, "/cifar-10-batches-bin (lacks data_batch_1.bin)")),
            HasSubstr("/packaged/cifar-10/cifar-10-batches-bin; "),
            HasSubstr("unpack cifar-10-binary.tar.gz"), HasSubstr("--data-dir")));
}

}  // namespace
}  // namespace firstguess::trainer
