// How a pack is worked through in tiles, with a training that is only pretended.

#include "worker/trainer/pack/tiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker/trainer/pack/tile_size.h"

namespace firstguess::trainer {
namespace {

using ::testing::ElementsAre;
using Tile = std::vector<size_t>;

// A device with room for so many networks at once.
struct Device {
  size_t room = 100;
  std::vector<Tile> tiles;  // as they were tried
  std::vector<size_t> failed;
  std::vector<size_t> early;  // trials that finish before the memory runs out
  absl::Status broken = absl::OkStatus();

  absl::Status Work(size_t count, int64_t tile_size) {
    return WorkInTiles(
        count, tile_size,
        [this](const Tile& tile, const std::function<void(size_t)>& finished) {
          tiles.push_back(tile);
          for (const size_t trial : tile) {
            const bool ends = std::count(early.begin(), early.end(), trial) > 0;
            if (tile.size() <= room || ends) finished(trial);
          }
          if (!broken.ok()) return broken;
          return tile.size() <= room ? absl::OkStatus() : absl::ResourceExhaustedError("no room");
        },
        [this](size_t trial, const absl::Status& error) {
          EXPECT_TRUE(absl::IsResourceExhausted(error));
          failed.push_back(trial);
        });
  }
};

TEST(WorkInTiles, TakesNeighboursAndTheRest) {
  Device device;
  ASSERT_TRUE(device.Work(5, 2).ok());
  EXPECT_THAT(device.tiles, ElementsAre(Tile{0, 1}, Tile{2, 3}, Tile{4}));
}

TEST(WorkInTiles, NothingIsDone) {
  Device device;
  ASSERT_TRUE(device.Work(0, 2).ok());
  EXPECT_TRUE(device.tiles.empty());
}

TEST(WorkInTiles, HalvesTheTileForGoodWhenMemoryRunsOut) {
  Device device;
  device.room = 2;
  ASSERT_TRUE(device.Work(8, 5).ok());
  EXPECT_THAT(device.tiles,
              ElementsAre(Tile{0, 1, 2, 3, 4}, Tile{0, 1}, Tile{2, 3}, Tile{4, 5}, Tile{6, 7}));
  EXPECT_TRUE(device.failed.empty());
}

TEST(WorkInTiles, TrialsReportedBeforeMemoryRanOutAreNotTrainedAgain) {
  Device device;
  device.room = 2;
  device.early = {1};
  ASSERT_TRUE(device.Work(4, 4).ok());
  EXPECT_THAT(device.tiles, ElementsAre(Tile{0, 1, 2, 3}, Tile{0, 2}, Tile{3}));
}

TEST(WorkInTiles, ATrialThatDoesNotFitAloneFailsAndTheOthersGoOn) {
  Device device;
  device.room = 0;
  ASSERT_TRUE(device.Work(3, 2).ok());
  EXPECT_THAT(device.tiles, ElementsAre(Tile{0, 1}, Tile{0}, Tile{1}, Tile{2}));
  EXPECT_THAT(device.failed, ElementsAre(0, 1, 2));
}

TEST(WorkInTiles, AnotherErrorEndsTheWork) {
  Device device;
  device.broken = absl::InternalError("device lost");
  EXPECT_EQ(device.Work(4, 2), device.broken);
  EXPECT_EQ(device.tiles.size(), 1u);
}

TEST(TileSize, IsAFunctionOfShapeAndKindOfDevice) {
  const MlpShape narrow{.inputs = 784, .width = 32, .depth = 3, .classes = 10};
  const MlpShape wide{.inputs = 784, .width = 2048, .depth = 3, .classes = 10};
  const TrialConfig config;
  EXPECT_GT(TileSize(narrow, config, true), 1);
  EXPECT_EQ(TileSize(wide, config, true), 1);
  EXPECT_GT(TileSize(narrow, config, false), TileSize(narrow, config, true));
  TrialConfig other = config;
  other.seed = 7;
  other.learning_rate = 0.3;
  other.loss.name = "blurry";
  EXPECT_EQ(TileSize(narrow, other, true), TileSize(narrow, config, true));
}

TEST(TileSize, IsOneWhereTheOrderOfSumsWouldDependOnIt) {
  const MlpShape shape{.inputs = 784, .width = 8, .depth = 1, .classes = 10};
  const TrialConfig config;
  EXPECT_GT(TileSize(shape, config, true), 1);
  MlpShape other = shape;
  other.width = 7;
  EXPECT_EQ(TileSize(other, config, true), 1);
  other = shape;
  other.inputs = 785;
  EXPECT_EQ(TileSize(other, config, true), 1);
  TrialConfig single = config;
  single.batch_size = 1;
  EXPECT_EQ(TileSize(shape, single, true), 1);
  single = config;
  single.probe_size = 1;
  EXPECT_EQ(TileSize(shape, single, true), 1);
}

}  // namespace
}  // namespace firstguess::trainer
