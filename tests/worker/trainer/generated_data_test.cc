// Data that the worker makes itself.

#include "worker/trainer/generated_data.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <numeric>
#include <string>
#include <vector>

#include "tests/worker/trainer/pytorch_values.h"

namespace firstguess::trainer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TrialConfig Small(const char* dataset) {
  TrialConfig config;
  config.dataset = dataset;
  config.data_classes = 3;
  config.data_dimension = 7;
  config.data_separation = 2.5;
  config.data_train_per_class = 4;
  config.data_test_per_class = 2;
  config.data_seed = 5;
  return config;
}

ImageDataset Generated(const TrialConfig& config) {
  absl::StatusOr<ImageDataset> data = GenerateDataset(config);
  EXPECT_TRUE(data.ok()) << data.status();
  return *std::move(data);
}

// Processors with other vector instructions may differ in the last digit.
template <size_t Count>
void ExpectValues(const std::vector<float>& values, const float (&expected)[Count]) {
  ASSERT_EQ(values.size(), Count);
  for (size_t i = 0; i < Count; ++i) EXPECT_NEAR(values[i], expected[i], 1e-6) << i;
}

TEST(GeneratedData, AreWhatPyTorchDraws) {
  const ImageDataset noise = Generated(Small("gaussian"));
  EXPECT_EQ(noise.classes, 3);
  EXPECT_EQ(noise.train.inputs, 7);
  EXPECT_EQ(noise.train.width, 7);
  EXPECT_THAT(noise.test.labels, ElementsAre(0, 1, 2, 0, 1, 2));
  ExpectValues(noise.train.values, pytorch::kGaussianTrain);
  ExpectValues(noise.test.values, pytorch::kGaussianTest);

  const ImageDataset blobs = Generated(Small("blobs"));
  EXPECT_THAT(blobs.test.labels, ElementsAre(0, 1, 2, 0, 1, 2));
  ExpectValues(blobs.train.values, pytorch::kBlobsTrain);
  ExpectValues(blobs.test.values, pytorch::kBlobsTest);
}

TEST(GeneratedData, BlobsHaveTheirSeparationAndUnitVariance) {
  TrialConfig config = Small("blobs");
  config.data_dimension = 50;
  config.data_separation = 20;
  config.data_train_per_class = 4000;
  const ImageDataset blobs = Generated(config);
  EXPECT_EQ(blobs.train.count(), 12000);
  double squares = 0;
  for (int64_t c = 0; c < 3; ++c) {
    std::vector<double> centre(50);
    for (int64_t i = c; i < 12000; i += 3) {
      for (size_t k = 0; k < 50; ++k) {
        centre[k] += double{blobs.train.values[static_cast<size_t>(i) * 50 + k]} / 4000;
      }
    }
    const double length =
        std::sqrt(std::inner_product(centre.begin(), centre.end(), centre.begin(), 0.0));
    EXPECT_NEAR(length, 20, 0.1);  // a mean of 4000 is off by 0.016 along the centre
    for (int64_t i = c; i < 12000; i += 3) {
      for (size_t k = 0; k < 50; ++k) {
        const double off = blobs.train.values[static_cast<size_t>(i) * 50 + k] - centre[k];
        squares += off * off;
      }
    }
  }
  EXPECT_NEAR(squares / (12000 * 50), 1, 0.01);  // five standard errors of 0.0018
}

TEST(GeneratedData, EveryFieldThatMakesThemMatters) {
  const ImageDataset data = Generated(Small("blobs"));
  for (void (*change)(TrialConfig&) : std::initializer_list<void (*)(TrialConfig&)>{
           [](TrialConfig& c) { c.dataset = "gaussian"; }, [](TrialConfig& c) { c.data_seed = 6; },
           [](TrialConfig& c) { c.data_separation = 2; },
           [](TrialConfig& c) { c.data_train_per_class = 5; },
           [](TrialConfig& c) { c.data_dimension = 8; },
           [](TrialConfig& c) { c.data_classes = 4; }}) {
    TrialConfig config = Small("blobs");
    change(config);
    EXPECT_NE(Generated(config).train.values, data.train.values);
  }
  TrialConfig other_seed = Small("blobs");
  other_seed.seed = 9;  // of the initialisation
  EXPECT_EQ(Generated(other_seed).train.values, data.train.values);
}

TEST(GeneratedData, MoreThanFitsAnyMachineIsInvalidByItsFields) {
  TrialConfig config = Small("gaussian");
  config.data_classes = 1000;
  config.data_test_per_class = 10'000'000;
  config.data_dimension = 1'000'000;
  config.data_train_per_class = 1;
  const absl::Status status = GenerateDataset(config).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("data_test_per_class 10000000"));
}

}  // namespace
}  // namespace firstguess::trainer
