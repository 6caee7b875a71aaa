#include "coordinator/grid/cost.h"

#include <gtest/gtest.h>

namespace firstguess {
namespace {

TrialConfig Small() {
  TrialConfig config;
  config.dataset = "fashion-mnist";  // 28 x 28, 10 classes
  config.width = 32;
  config.depth = 3;
  config.batch_size = 128;
  config.steps = 200;
  config.points = 24;
  config.probe_size = 2000;
  return config;
}

TEST(Cost, WeightsAreThoseOfTheMatrices) {
  EXPECT_EQ(ModelWeights(Small()), 784 * 32 + 2 * 32 * 32 + 32 * 10);
}

TEST(Cost, InputsAndClassesAreTheDataSets) {
  TrialConfig config = Small();
  config.dataset = "cifar-100";  // 3 x 32 x 32, 100 classes
  EXPECT_EQ(ModelWeights(config), 3072 * 32 + 2 * 32 * 32 + 32 * 100);
  EXPECT_EQ(TrialBytes(config), 25 * 100 * 68);
}

TEST(Cost, FlopsCountUpdatesAndProbes) {
  EXPECT_EQ(TrialFlops(Small()), 200 * 6.0 * 128 * 27456 + 25 * 2000 * 2.0 * 27456);
}

TEST(Cost, AConvolutionsWeightsCountAtEveryPlace) {
  TrialConfig config = Small();
  config.model = "cnn";
  config.depth = 2;
  // 28 x 28, pooled to 14 x 14 and to 7 x 7, where twice the channels are flattened.
  EXPECT_EQ(ModelWeights(config), 9 * 32 + 9 * 32 * 64 + 64 * 49 * 10);
  const double places = 9 * 32 * 784.0 + 9 * 32 * 64 * 196.0 + 64 * 49 * 10;
  EXPECT_EQ(ModelMultiplications(config), places);
  EXPECT_EQ(TrialFlops(config), 200 * 6.0 * 128 * places + 25 * 2000 * 2.0 * places);
}

TEST(Cost, OnesOwnArraysCountAsImagesOfCifarsSize) {
  TrialConfig own = Small(), cifar = Small();
  own.dataset = "npy/own";
  cifar.dataset = "cifar-10";
  for (const char* model : {"mlp", "cnn", "resnet50"}) {
    own.model = cifar.model = model;
    EXPECT_EQ(TrialFlops(own), TrialFlops(cifar)) << model;
    EXPECT_GT(TrialFlops(own), 0);
  }
}

TEST(Cost, ATrialHasNoMoreLaterSnapshotsThanSteps) {
  TrialConfig config = Small();
  config.steps = 7;
  EXPECT_EQ(SnapshotCount(config), 8);
  config.steps = 0;
  EXPECT_EQ(SnapshotCount(config), 1);
}

TEST(Cost, BytesFollowTheClassRows) { EXPECT_EQ(TrialBytes(Small()), 25 * 10 * 68); }

TEST(Cost, GroupsAddTheirRows) {
  TrialConfig config = Small();
  config.groups = "layers,logits,noise,sharpness";
  EXPECT_EQ(TrialBytes(config), 25 * (10 * 68 + 4 * 114 + 10 * 34 + 81 + 34));
  config.groups = "confusion";  // two matrices of 100 entries
  EXPECT_EQ(TrialBytes(config), 25 * 10 * 68 + 2 * 100 * 18);
  config.confusion_steps = "1,7,200";
  config.probe_size = 90;  // no more entries than examples
  EXPECT_EQ(TrialBytes(config), 25 * 10 * 68 + 3 * 90 * 18);
  config.confusion_steps = "1,14";  // where there is no snapshot
  EXPECT_EQ(TrialBytes(config), 25 * 10 * 68 + 90 * 18);
}

TEST(Cost, GroupsAddTheirPasses) {
  TrialConfig config = Small();
  config.groups = "confusion,logits";
  EXPECT_EQ(TrialFlops(config), TrialFlops(Small()));
  config.groups = "layers,noise";
  EXPECT_EQ(TrialFlops(config) - TrialFlops(Small()), 25 * 2000 * 4.0 * 27456);
  config.groups = "sharpness";
  config.sharpness_iterations = 3;
  EXPECT_EQ(TrialFlops(config) - TrialFlops(Small()), 25 * 3 * 512 * 12.0 * 27456);
}

}  // namespace
}  // namespace firstguess
