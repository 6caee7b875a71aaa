#include "common/spec/model_checks.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/spec/parsing.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string On(absl::string_view dataset, absl::string_view top,
               absl::string_view grid = "grid: {}\n") {
  return "name: s\ndataset: " + std::string(dataset) + "\ntrain: {steps: 10}\n" + std::string(top) +
         std::string(grid);
}

TEST(CheckModelsTest, ACnnOrResnetNeedsImages) {
  EXPECT_THAT(ErrorsOf(On("blobs", "model: cnn\n")),
              ElementsAre("4:8: `model` cnn needs images, and blobs has vectors: use mlp"));
  EXPECT_THAT(ErrorsOf(On("gaussian", "", "grid: {model: [mlp, resnet18, resnet50]}\n")),
              ElementsAre(HasSubstr("4:15: `model` resnet18 needs images"),
                          HasSubstr("4:15: `model` resnet50 needs images")));
  // The shape of one's own arrays is the trainer's to check.
  EXPECT_THAT(ErrorsOf(On("npy/birds", "model: resnet50\n")), IsEmpty());
  for (const char* model : {"mlp", "cnn", "resnet18", "resnet34", "resnet50"}) {
    for (const char* stem : {"cifar", "imagenet"}) {
      EXPECT_THAT(ErrorsOf(On("fashion-mnist", "model: " + std::string(model) +
                                                   "\nstem: " + std::string(stem) + "\n")),
                  IsEmpty());
    }
  }
}

TEST(CheckModelsTest, BatchNormalisationNeedsTwoExamples) {
  EXPECT_THAT(
      ErrorsOf("name: s\ndataset: mnist\nmodel: resnet18\n"
               "train: {steps: 10, batch_size: 1}\ngrid: {}\n"),
      ElementsAre("4:32: `batch_size` must be at least 2 for batch normalisation, which has "
                  "no variance of one example"));
  EXPECT_THAT(
      ErrorsOf(On("mnist", "measure: {probe_size: 1}\n", "grid: {norm: [none, batch_norm]}\n")),
      ElementsAre(HasSubstr("4:23: `probe_size` must be at least 2")));
  EXPECT_THAT(ErrorsOf(On("mnist", "measure: {probe_size: 1}\nnorm_statistics: running\n",
                          "grid: {norm: [none, batch_norm]}\n")),
              IsEmpty());
  EXPECT_THAT(ErrorsOf("name: s\ndataset: mnist\nnorm: layer_norm\n"
                       "train: {steps: 10, batch_size: 1}\ngrid: {}\n"),
              IsEmpty());
}

TEST(FindMisfitTest, AResnetMustHaveSomethingToHalveInItsLastStage) {
  TrialConfig config;
  config.model = "resnet34";
  const auto fits = [&](int64_t side) { return !FindMisfit(config, {3, side, 99}).has_value(); };
  EXPECT_FALSE(fits(4));
  EXPECT_TRUE(fits(5));
  config.stem = "imagenet";
  EXPECT_FALSE(fits(16));
  EXPECT_TRUE(fits(17));
}

TEST(CnnLayersTest, PoolWhileBothSidesAreAtLeastFourAndDoubleTheChannels) {
  const std::vector<CnnLayer> layers = CnnLayers(8, 5, {1, 28, 28});
  std::vector<int64_t> channels, sides, pooled;
  for (const CnnLayer& layer : layers) {
    channels.push_back(layer.out_channels);
    sides.push_back(layer.height);
    pooled.push_back(layer.is_pooled ? 1 : 0);
  }
  EXPECT_THAT(channels, ElementsAre(8, 16, 32, 64, 64));
  EXPECT_THAT(sides, ElementsAre(28, 14, 7, 3, 3));
  EXPECT_THAT(pooled, ElementsAre(1, 1, 1, 0, 0));
  EXPECT_EQ(CnnFeatures(layers), 64 * 3 * 3);
  EXPECT_EQ(CnnFeatures(CnnLayers(8, 4, {3, 32, 32})), 64 * 2 * 2);
  EXPECT_EQ(CnnFeatures(CnnLayers(8, 4, {3, 32, 3})), 8 * 32 * 3);
}

struct Counts {
  const char* model;
  ImageShape image;
  int64_t width, depth;
  const char* stem;
  int64_t classes;
  double weights, multiplications;
};

// Counted by hooks on torch.nn modules of tests/worker/trainer/models_values.py; those of the first
// three are torchvision's.
TEST(WeightLayersTest, AreThoseOfPyTorchsModules) {
  const Counts cases[] = {
      {"resnet18", {3, 224, 224}, 64, 1, "imagenet", 1000, 11678912, 1814073344},
      {"resnet34", {3, 224, 224}, 64, 1, "imagenet", 1000, 21779648, 3663761408},
      {"resnet50", {3, 224, 224}, 64, 1, "imagenet", 1000, 25502912, 4089184256},
      {"resnet18", {3, 32, 32}, 64, 1, "cifar", 10, 11164352, 555422720},
      {"resnet50", {1, 28, 28}, 16, 1, "cifar", 10, 1470608, 65514752},
      {"resnet34", {1, 28, 28}, 16, 1, "imagenet", 10, 1330704, 4469568},
      {"cnn", {3, 32, 32}, 16, 5, "cifar", 10, 402352, 5171200},
      {"cnn", {1, 28, 28}, 16, 5, "cifar", 10, 255888, 3921408}};
  for (const Counts& one : cases) {
    TrialConfig config;
    config.model = one.model;
    config.width = one.width;
    config.depth = one.depth;
    config.stem = one.stem;
    double weights = 0, multiplications = 0;
    for (const WeightLayer& layer : WeightLayers(config, one.image, one.classes)) {
      weights += layer.weights;
      multiplications += layer.weights * layer.places;
    }
    EXPECT_EQ(weights, one.weights) << one.model;
    EXPECT_EQ(multiplications, one.multiplications) << one.model;
  }
}

}  // namespace
}  // namespace firstguess
