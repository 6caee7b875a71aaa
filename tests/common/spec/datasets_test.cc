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
    EXPECT_EQ(dataset.test_examples, 10000);
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

}  // namespace
}  // namespace firstguess
