#include "common/spec/datasets.h"

#include <iterator>
#include <tuple>

#include "gtest/gtest.h"

namespace firstguess {
namespace {

TEST(KnownDatasetsTest, HaveTheirPublishedSizes) {
  const std::tuple<const char*, int64_t, int64_t, int64_t> published[] = {
      {"fashion-mnist", 60000, 10, 784},
      {"mnist", 60000, 10, 784},
      {"cifar-10", 50000, 10, 3072},
      {"cifar-100", 50000, 100, 3072}};
  ASSERT_EQ(KnownDatasets().size(), std::size(published));
  for (const auto& [name, train_examples, classes, inputs] : published) {
    SCOPED_TRACE(name);
    const DatasetInfo& dataset = *FindDataset(name);
    EXPECT_EQ(dataset.TrainExamples(1), train_examples);
    EXPECT_EQ(dataset.test_examples(), 10000);
    EXPECT_EQ(dataset.classes(), classes);
    EXPECT_EQ(dataset.inputs(), inputs);
  }
  EXPECT_EQ(FindDataset("mnist")->train_per_class[1], 6742);
  EXPECT_EQ(FindDataset("mnits"), nullptr);
}

// max(1, floor(6000 * 100^(-c/9))) for c = 0 … 9, computed in Python.
TEST(KeptExamplesTest, FallsGeometricallyOverTheClasses) {
  const int64_t expected[] = {6000, 3596, 2156, 1292, 774, 464, 278, 166, 100, 60};
  for (int64_t c = 0; c < 10; ++c) EXPECT_EQ(KeptExamples(6000, c, 10, 100), expected[c]) << c;
}

TEST(KeptExamplesTest, LeavesOneExampleAtLeast) {
  EXPECT_EQ(KeptExamples(6000, 9, 10, 1e300), 1);
  EXPECT_EQ(KeptExamples(6000, 0, 10, 1e300), 6000);
}

TEST(KeptExamplesTest, ASingleClassIsNotImbalanced) { EXPECT_EQ(KeptExamples(50, 0, 1, 100), 50); }

TEST(TrainExamplesTest, SumsWhatIsKept) {
  EXPECT_EQ(FindDataset("fashion-mnist")->TrainExamples(100), 14886);
}

TEST(CanonicalDataset, TakesKnownGeneratedAndOwnOnes) {
  for (const char* name : {"fashion-mnist", "cifar-100", "blobs", "gaussian", "npy/my_birds-2.1"}) {
    EXPECT_TRUE(CanonicalDataset(name).ok()) << name;
  }
  for (const char* name : {"", "npy", "npy/", "npy/<name>", "npy/../x", "npy/a/b", "npy/.x"}) {
    EXPECT_FALSE(CanonicalDataset(name).ok()) << name;
  }
  EXPECT_EQ(CanonicalDataset("blob").status().message(),
            "must be one of fashion-mnist, mnist, cifar-10, cifar-100, blobs, gaussian, "
            "npy/<name>, not `blob` (did you mean `blobs`?)");
}

TEST(DatasetOf, KeepsTheClassesOfTheSubset) {
  TrialConfig config;
  config.dataset = "mnist";
  config.class_subset = "1,4";
  const DatasetInfo info = DatasetOf(config);
  EXPECT_EQ(info.classes(), 2);
  EXPECT_EQ(info.TrainExamples(1), 6742 + 5842);
  EXPECT_EQ(info.test_examples(), 1135 + 982);
  EXPECT_EQ(info.inputs(), 784);
}

TEST(DatasetOf, GeneratedDataAreAsTheFieldsSay) {
  TrialConfig config;
  config.dataset = "blobs";
  config.data_classes = 3;
  config.data_dimension = 7;
  config.data_train_per_class = 20;
  config.data_test_per_class = 5;
  const DatasetInfo info = DatasetOf(config);
  EXPECT_EQ(info.classes(), 3);
  EXPECT_EQ(info.inputs(), 7);
  EXPECT_EQ(info.TrainExamples(1), 60);
  EXPECT_EQ(info.test_examples(), 15);
  EXPECT_TRUE(info.sizes_known);
}

TEST(DatasetOf, OfOwnArraysOnlyTheClassesAreKnown) {
  TrialConfig config;
  config.dataset = "npy/birds";
  config.data_classes = 200;
  const DatasetInfo info = DatasetOf(config);
  EXPECT_EQ(info.classes(), 200);
  EXPECT_FALSE(info.sizes_known);
  EXPECT_EQ(OwnDatasetFolder(config.dataset), "birds");
}

}  // namespace
}  // namespace firstguess
