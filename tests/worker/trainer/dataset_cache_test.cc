#include "worker/trainer/dataset_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/worker/trainer/data/npy_files.h"

namespace firstguess::trainer {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

using Data = std::shared_ptr<const ImageDataset>;

TrialConfig Noise(int64_t data_seed) {
  TrialConfig config;
  config.dataset = "gaussian";
  config.data_classes = 4;
  config.data_dimension = 3;
  config.data_train_per_class = 2;
  config.data_test_per_class = 1;
  config.data_seed = data_seed;
  return config;
}

Data Get(DatasetCache& cache, const TrialConfig& config) {
  absl::StatusOr<Data> data = cache.Get(config);
  EXPECT_TRUE(data.ok()) << data.status();
  return *std::move(data);
}

// Of Noise().
int64_t BytesOfOne() {
  DatasetCache cache({});
  const Data data = Get(cache, Noise(0));
  return data->train.bytes() + data->test.bytes();
}

TEST(DatasetCache, OneDataSetIsMadeOnceForAllTrialsThatShareIt) {
  DatasetCache cache({});
  const Data data = Get(cache, Noise(0));
  TrialConfig other = Noise(0);
  other.seed = 7;
  other.width = 9;
  other.class_imbalance = 2;
  EXPECT_EQ(Get(cache, other), data);
  EXPECT_NE(Get(cache, Noise(1)), data);
  EXPECT_EQ(Get(cache, Noise(0)), data);
}

TEST(DatasetCache, FilesAreReadOnceWhateverTheDataSeed) {
  const TemporaryFolder folder;
  WriteOwnDataset(folder, "mine", 6, 3);
  DatasetCache cache({folder.path()});
  TrialConfig config;
  config.dataset = "npy/mine";
  config.data_classes = 3;
  const Data data = Get(cache, config);
  config.data_seed = 5;
  config.data_dimension = 77;
  EXPECT_EQ(Get(cache, config), data);
  config.data_classes = 4;
  EXPECT_EQ(Get(cache, config)->classes, 4);
}

TEST(DatasetCache, KeepsThoseAskedForLastUpToItsLimit) {
  DatasetCache cache({}, 2 * BytesOfOne());
  std::vector<std::weak_ptr<const ImageDataset>> seen;
  for (int64_t seed = 0; seed < 3; ++seed) seen.push_back(Get(cache, Noise(seed)));
  EXPECT_TRUE(seen[0].expired());
  EXPECT_FALSE(seen[1].expired());
  Get(cache, Noise(1));
  Get(cache, Noise(3));
  EXPECT_FALSE(seen[1].expired());
  EXPECT_TRUE(seen[2].expired());
}

TEST(DatasetCache, KeepsOneHoweverLarge) {
  DatasetCache cache({}, 1);
  std::weak_ptr<const ImageDataset> first = Get(cache, Noise(0));
  EXPECT_EQ(Get(cache, Noise(0)), first.lock());
  Get(cache, Noise(1));
  EXPECT_TRUE(first.expired());
}

TEST(DatasetCache, SubsetsAndShiftsAreOfTheWholeDataSet) {
  DatasetCache cache({});
  const Data whole = Get(cache, Noise(0));
  TrialConfig config = Noise(0);
  config.class_subset = "1,3";
  config.input_shift = 2;
  const Data variant = Get(cache, config);
  EXPECT_EQ(variant->classes, 2);
  EXPECT_THAT(variant->test.labels, ElementsAre(0, 1));
  std::vector<float> expected;
  for (const size_t i : {3, 4, 5, 9, 10, 11}) expected.push_back(whole->test.values[i] + 2);
  EXPECT_THAT(variant->test.values, ElementsAreArray(expected));
  EXPECT_EQ(Get(cache, config), variant);
  config.input_shift = 3;
  EXPECT_NE(Get(cache, config), variant);
}

TEST(DatasetCache, AnErrorIsNotRemembered) {
  const TemporaryFolder folder;
  DatasetCache cache({folder.path()});
  TrialConfig config;
  config.dataset = "npy/mine";
  EXPECT_TRUE(absl::IsNotFound(cache.Get(config).status()));
  WriteOwnDataset(folder, "mine", 6, 3);
  EXPECT_TRUE(cache.Get(config).ok());
}

}  // namespace
}  // namespace firstguess::trainer
