#include "worker/trainer/data/variant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace firstguess::trainer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Five images of two pixels, (i, 10 + i), with labels 0, 1, 2, 3, 1.
ImageDataset Pixels() {
  ImageDataset data;
  data.name = "pixels";
  data.classes = 4;
  data.train.inputs = 2;
  data.train.width = 2;
  for (uint8_t i = 0; i < 5; ++i) {
    data.train.pixels.insert(data.train.pixels.end(), {i, static_cast<uint8_t>(10 + i)});
  }
  data.train.labels = {0, 1, 2, 3, 1};
  data.test = data.train;
  data.table = NormalisationTable(data.train);
  return data;
}

ImageDataset Floats() {
  ImageDataset data = Pixels();
  for (LabelledImages* split : {&data.train, &data.test}) {
    split->values.assign(split->pixels.begin(), split->pixels.end());
    split->pixels.clear();
  }
  data.table.clear();
  return data;
}

std::vector<float> Inputs(const ImageDataset& data, int64_t row) {
  std::vector<float> inputs(static_cast<size_t>(data.test.inputs));
  FillInputs(data.test, data.table, &row, 1, inputs.data());
  return inputs;
}

TEST(Variant, ASubsetKeepsItsClassesInFileOrderAndNumbersThemAnew) {
  TrialConfig config;
  config.class_subset = "1,3";
  for (const ImageDataset& data : {Pixels(), Floats()}) {
    const absl::StatusOr<ImageDataset> subset = VariantOf(data, config);
    ASSERT_TRUE(subset.ok()) << subset.status();
    EXPECT_EQ(subset->classes, 2);
    EXPECT_EQ(subset->train.width, 2);
    EXPECT_THAT(subset->train.labels, ElementsAre(0, 1, 0));
    EXPECT_THAT(subset->test.labels, ElementsAre(0, 1, 0));
    // Normalised over the whole training split.
    EXPECT_EQ(Inputs(*subset, 0), Inputs(data, 1));
    EXPECT_EQ(Inputs(*subset, 2), Inputs(data, 4));
  }
}

TEST(Variant, AShiftIsAddedAfterNormalisationInFloat32) {
  TrialConfig config;
  config.input_shift = 0.3;
  for (const ImageDataset& data : {Pixels(), Floats()}) {
    const absl::StatusOr<ImageDataset> shifted = VariantOf(data, config);
    ASSERT_TRUE(shifted.ok()) << shifted.status();
    EXPECT_EQ(shifted->train.labels, data.train.labels);
    const std::vector<float> before = Inputs(data, 3);
    EXPECT_THAT(Inputs(*shifted, 3), ElementsAre(before[0] + 0.3f, before[1] + 0.3f));
  }
}

TEST(Variant, BothTogether) {
  TrialConfig config;
  config.class_subset = "0,2";
  config.input_shift = -1;
  const absl::StatusOr<ImageDataset> both = VariantOf(Floats(), config);
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_THAT(Inputs(*both, 1), ElementsAre(1, 11));
}

TEST(Variant, AClassThatDoesNotExistIsNamed) {
  TrialConfig config;
  config.class_subset = "1,4";
  const absl::Status status = VariantOf(Pixels(), config).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("class_subset has class 4"));
}

}  // namespace
}  // namespace firstguess::trainer
