// Trials from a file, lines to standard output, and which trials may share a pack.

#include "worker/trainer/pack_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "nlohmann/json.hpp"
#include "tests/common/temporary_folder.h"
#include "worker/trainer/same_pack.h"

namespace firstguess::trainer {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TrialConfig Config(int64_t width, int64_t seed) {
  TrialConfig config;
  config.dataset = "fashion-mnist";
  config.steps = 1;
  config.width = width;
  config.seed = seed;
  return config;
}

// Finishes every trial with one snapshot, and fails those of seed 9; notes the packs' sizes.
class FakeTrainer final : public PackTrainer {
 public:
  absl::Status Train(const std::vector<TrialTask>& pack, TrialSink& sink,
                     const std::atomic<bool>& /*stop*/) override {
    sizes.push_back(pack.size());
    for (const TrialTask& task : pack) {
      if (task.config.seed == 9) {
        sink.OnFailed(task.trial_id, absl::NotFoundError("no data"));
        continue;
      }
      Snapshot snapshot;
      snapshot.accuracy = 0.25;
      snapshot.mean_prob = {0.5, 0.5};
      Trajectory trajectory;
      trajectory.snapshots = {snapshot};
      sink.OnFinished(task.trial_id, trajectory);
    }
    return absl::OkStatus();
  }
  std::chrono::duration<double> time_in_training() const override { return {}; }
  void Prepare(const TrialConfig& /*config*/) override {}
  absl::Status CheckShape(const TrialConfig& /*config*/) const override { return absl::OkStatus(); }
  std::string device() const override { return "fake"; }
  std::string library() const override { return "none"; }

  std::vector<size_t> sizes;
};

TEST(PackFile, ReadsCanonicalConfigurations) {
  const TemporaryFolder folder;
  const std::string path = folder.Write(
      "pack.json", "[" + CanonicalJson(Config(64, 0)) + ",\n" + CanonicalJson(Config(32, 1)) + "]");
  const absl::StatusOr<std::vector<TrialTask>> tasks = ReadPackFile(path);
  ASSERT_TRUE(tasks.ok()) << tasks.status();
  ASSERT_EQ(tasks->size(), 2u);
  EXPECT_EQ((*tasks)[1].trial_id, 1);
  EXPECT_EQ((*tasks)[1].config, Config(32, 1));
}

TEST(PackFile, BadFilesAreRefusedByNameAndEntry) {
  const TemporaryFolder folder;
  EXPECT_TRUE(absl::IsNotFound(ReadPackFile(folder.path() + "/none").status()));
  for (const char* text : {"", "{}", "[", "[1"}) {
    const absl::Status status = ReadPackFile(folder.Write("bad.json", text)).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("bad.json: not a JSON list"));
  }
  const absl::Status status =
      ReadPackFile(folder.Write("bad.json", "[" + CanonicalJson(Config(64, 0)) + ", {}]")).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("bad.json: entry 1: "), HasSubstr("format_version")));
}

TEST(PackFile, PrintsALineASnapshotAndOneATrial) {
  FakeTrainer trainer;
  testing::internal::CaptureStdout();
  const absl::StatusOr<int> failed =
      TrainAndPrint({{0, Config(64, 0)}, {1, Config(64, 9)}}, trainer);
  std::istringstream lines(testing::internal::GetCapturedStdout());
  EXPECT_EQ(*failed, 1);

  std::vector<nlohmann::json> records;
  for (std::string line; std::getline(lines, line);) records.push_back(nlohmann::json::parse(line));
  ASSERT_EQ(records.size(), 3u);
  EXPECT_EQ(records[0]["accuracy"], 0.25);
  EXPECT_TRUE(records[0]["train_loss"].is_null());
  EXPECT_EQ(records[0]["mean_prob"], (std::vector<double>{0.5, 0.5}));
  EXPECT_EQ(records[1]["key"], TrialKey(Config(64, 0)));
  EXPECT_TRUE(records[1]["diverged_at_step"].is_null());
  EXPECT_EQ(records[2]["error"], "no data");
}

TEST(PackFile, NeighboursOfOneShapeAreOnePack) {
  FakeTrainer trainer;
  testing::internal::CaptureStdout();
  ASSERT_TRUE(
      TrainAndPrint(
          {{0, Config(64, 0)}, {1, Config(64, 1)}, {2, Config(32, 0)}, {3, Config(64, 2)}}, trainer)
          .ok());
  testing::internal::GetCapturedStdout();
  EXPECT_THAT(trainer.sizes, ElementsAre(2, 1, 1));
}

TEST(SamePack, NamesTheFieldThatDiffers) {
  const TrialConfig base = Config(64, 0);
  TrialConfig other = base;
  other.seed = 5;
  other.learning_rate = 1;
  other.init_scale = 2;
  other.label_noise = 0.5;
  other.loss_delay_steps = 3;
  EXPECT_TRUE(CheckSamePack(base, other).ok());
  const std::vector<std::pair<std::string, void (*)(TrialConfig&)>> changes = {
      {"dataset", [](TrialConfig& c) { c.dataset = "mnist"; }},
      {"class_imbalance", [](TrialConfig& c) { c.class_imbalance = 2; }},
      {"model", [](TrialConfig& c) { c.model = "cnn"; }},
      {"width", [](TrialConfig& c) { c.width = 1; }},
      {"depth", [](TrialConfig& c) { c.depth = 1; }},
      {"activation", [](TrialConfig& c) { c.activation = "tanh"; }},
      {"batch_size", [](TrialConfig& c) { c.batch_size = 1; }},
      {"steps", [](TrialConfig& c) { c.steps = 7; }},
      {"optimizer", [](TrialConfig& c) { c.optimizer = "adam"; }},
      {"data_seed", [](TrialConfig& c) { c.data_seed = 1; }},
      {"probe_size", [](TrialConfig& c) { c.probe_size = 1; }},
      {"points", [](TrialConfig& c) { c.points = 1; }},
      {"spacing", [](TrialConfig& c) { c.spacing = "linear"; }}};
  for (const auto& [field, change] : changes) {
    TrialConfig changed = base;
    change(changed);
    const absl::Status status = CheckSamePack(base, changed);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << field;
    EXPECT_THAT(std::string(status.message()), testing::EndsWith(" " + field));
  }
}

}  // namespace
}  // namespace firstguess::trainer
