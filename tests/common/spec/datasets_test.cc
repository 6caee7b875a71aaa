#include "common/spec/datasets.h"

#include "gtest/gtest.h"

namespace firstguess {
namespace {

TEST(KnownDatasetsTest, HaveTheirPublishedSizes) {
  for (const DatasetInfo& dataset : KnownDatasets()) {
    EXPECT_EQ(dataset.TrainExamples(1), 60000) << dataset.name;
    EXPECT_EQ(dataset.test_examples, 10000) << dataset.name;
    EXPECT_EQ(dataset.classes(), 10) << dataset.name;
    EXPECT_EQ(dataset.inputs(), 784) << dataset.name;
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

}  // namespace
}  // namespace firstguess
