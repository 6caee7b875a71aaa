#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "common/spec/sweep.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/spec/parsing.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;

std::string Read(const std::string& path) {
  std::ifstream file(std::string(FIRSTGUESS_SOURCE_DIR "/") + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TEST(ParseSweepTest, TheFirstExampleIs180Cells) {
  const Sweep sweep = Parsed(Read("tools/examples/first_guess.yaml"));
  EXPECT_EQ(sweep.name, "first_guess");
  EXPECT_EQ(sweep.raw_cells(), 180u);
  ASSERT_EQ(sweep.grids[0].axes.size(), 5u);
  EXPECT_EQ(sweep.grids[0].axes[0].columns()[0].field(), "width");
  EXPECT_EQ(sweep.grids[0].axes[3].columns()[0].field(), "loss");
  EXPECT_THAT(Values(sweep.grids[0].axes[3].columns()[0]),
              ElementsAre("cross_entropy", "blurry(gamma=0.5, gradient=detached)",
                          "piecewise_zero(cutoff=0.05)"));
  EXPECT_EQ(sweep.base.optimizer, "adam");
  EXPECT_EQ(sweep.base.learning_rate, 0.0005);
  EXPECT_EQ(sweep.base.steps, 200);
}

TEST(ParseSweepTest, EveryFormOfAnAxisInOneFile) {
  const Sweep sweep = Parsed(
      "name: first-guess\n"
      "dataset: fashion-mnist\n"
      "model: mlp\n"
      "train:   {optimizer: sgd, learning_rate: 0.05, batch_size: 128, steps: 200}\n"
      "measure: {points: 24, spacing: log, probe_size: 2000}\n"
      "grid:\n"
      "  width: [32, 64, 128]\n"
      "  depth: {range: [1, 4]}\n"
      "  init_scale: {geomspace: [0.5, 2.0, 3]}\n"
      "  loss:\n"
      "    - cross_entropy\n"
      "    - blurry: {gamma: [0.3, 0.5]}\n"
      "    - piecewise_zero: {cutoff: 0.05}\n"
      "  seed: {range: [0, 4]}\n");
  EXPECT_EQ(sweep.raw_cells(), 3u * 4 * 3 * 4 * 5);
  EXPECT_THAT(Values(sweep.grids[0].axes[1].columns()[0]), ElementsAre("1", "2", "3", "4"));
  EXPECT_THAT(Values(sweep.grids[0].axes[2].columns()[0]), ElementsAre("0.5", "1", "2"));
  EXPECT_THAT(Values(sweep.grids[0].axes[3].columns()[0]),
              ElementsAre("cross_entropy", "blurry(gamma=0.3, gradient=detached)",
                          "blurry(gamma=0.5, gradient=detached)", "piecewise_zero(cutoff=0.05)"));
}

TEST(ParseSweepTest, FillsInTheDefaults) {
  TrialConfig expected;
  expected.dataset = "fashion-mnist";
  expected.steps = 10;
  const Sweep sweep = Parsed(std::string(kHead) + "grid: {}\n");
  EXPECT_EQ(sweep.base, expected);
  EXPECT_EQ(sweep.priority, 0);
  EXPECT_EQ(sweep.max_attempts, 3);
  EXPECT_EQ(sweep.max_failures, std::nullopt);
  EXPECT_EQ(sweep.trial_timeout, std::nullopt);
  EXPECT_EQ(sweep.needs, Requirements());
  EXPECT_EQ(sweep.pack, (PackLimits{.max_trials = 64, .max_flops = 2e12}));
}

TEST(ParseSweepTest, AnEmptyGridIsOneCell) {
  EXPECT_EQ(Parsed(std::string(kHead) + "grid: {}\n").raw_cells(), 1u);
  EXPECT_EQ(Parsed(std::string(kHead) + "grid:\n").raw_cells(), 1u);
}

TEST(ParseSweepTest, ReadsEverySettingAndField) {
  const Sweep sweep = Parsed(R"(
name: "größe 1"
dataset: mnist
model: mlp
width: 16
depth: 2
activation: tanh
init: glorot
init_scale: 2
bias_scale: 0.5
loss: {blurry: {gamma: 1e-1, gradient: full}}
seed: 9007199254740991
data_seed: 3
label_noise: .25
noise_kind: pair_flip
class_imbalance: 10
priority: -5
max_attempts: 7
max_failures: 0
trial_timeout: 2.5
requires: {device: cuda, device_name: H100, memory: 16GiB, labels: [fast, big, fast]}
pack: {max_trials: 8, max_flops: 1e9}
train:
  optimizer: momentum
  learning_rate: 0.1
  momentum: 0.5
  weight_decay: 0.0001
  batch_size: 64
  steps: 0
  loss_delay_steps: 5
measure: {points: 3, spacing: linear, probe_size: 100}
grid: {}
)");
  EXPECT_EQ(sweep.name, "größe 1");
  EXPECT_EQ(sweep.priority, -5);
  EXPECT_EQ(sweep.max_attempts, 7);
  EXPECT_EQ(sweep.max_failures, 0);
  EXPECT_EQ(sweep.trial_timeout, 2.5);
  EXPECT_EQ(sweep.needs.device, "cuda");
  EXPECT_EQ(sweep.needs.device_name, "H100");
  EXPECT_EQ(sweep.needs.memory_bytes, int64_t{16} << 30);
  EXPECT_THAT(sweep.needs.labels, ElementsAre("big", "fast"));
  EXPECT_EQ(sweep.pack, (PackLimits{.max_trials = 8, .max_flops = 1e9}));

  TrialConfig expected;
  expected.dataset = "mnist";
  expected.width = 16;
  expected.depth = 2;
  expected.activation = "tanh";
  expected.init = "glorot";
  expected.init_scale = 2;
  expected.bias_scale = 0.5;
  expected.loss = {.name = "blurry", .parameters = {{"gamma", 0.1}, {"gradient", "full"}}};
  expected.seed = 9007199254740991;
  expected.data_seed = 3;
  expected.label_noise = 0.25;
  expected.noise_kind = "pair_flip";
  expected.class_imbalance = 10;
  expected.optimizer = "momentum";
  expected.learning_rate = 0.1;
  expected.momentum = 0.5;
  expected.weight_decay = 0.0001;
  expected.batch_size = 64;
  expected.steps = 0;
  expected.loss_delay_steps = 5;
  expected.points = 3;
  expected.spacing = "linear";
  expected.probe_size = 100;
  EXPECT_EQ(sweep.base, expected);
}

TEST(ParseSweepTest, AnyFieldMayBeAnAxisByItsBareName) {
  const Sweep sweep = Parsed(
      "name: s\n"
      "grid:\n"
      "  dataset: [mnist, fashion-mnist]\n"
      "  steps: [10, 20]\n"
      "  learning_rate: [1, 0.5]\n"
      "  points: {range: [1, 9, 4]}\n");
  EXPECT_EQ(sweep.raw_cells(), 2u * 2 * 2 * 3);
  EXPECT_THAT(Values(sweep.grids[0].axes[3].columns()[0]), ElementsAre("1", "5", "9"));
  EXPECT_EQ(sweep.grids[0].axes[2].columns()[0].at(0), FieldValue(1.0));
}

TEST(ParseSweepTest, LossParametersMayBeSpacedAndMultiply) {
  const Sweep sweep = Parsed(std::string(kHead) +
                             "grid:\n"
                             "  loss:\n"
                             "    - blurry: {gamma: {linspace: [0, 1, 3]}, gradient: [full, "
                             "detached]}\n"
                             "    - blurry: {gamma: {range: [2, 3]}}\n");
  EXPECT_THAT(
      Values(sweep.grids[0].axes[0].columns()[0]),
      ElementsAre("blurry(gamma=0, gradient=full)", "blurry(gamma=0, gradient=detached)",
                  "blurry(gamma=0.5, gradient=full)", "blurry(gamma=0.5, gradient=detached)",
                  "blurry(gamma=1, gradient=full)", "blurry(gamma=1, gradient=detached)",
                  "blurry(gamma=2, gradient=detached)", "blurry(gamma=3, gradient=detached)"));
}

TEST(ParseSweepTest, SpacedIntegersStayIntegers) {
  const Sweep sweep = Parsed(std::string(kHead) +
                             "grid:\n"
                             "  width: {geomspace: [32, 512, 5]}\n"
                             "  init_scale: {range: [1, 3]}\n");
  EXPECT_THAT(Values(sweep.grids[0].axes[0].columns()[0]),
              ElementsAre("32", "64", "128", "256", "512"));
  EXPECT_EQ(sweep.grids[0].axes[0].columns()[0].at(1), FieldValue(int64_t{64}));
  EXPECT_EQ(sweep.grids[0].axes[1].columns()[0].at(1), FieldValue(2.0));
}

TEST(ParseSweepTest, ARangeOfATrillionSeedsIsNotListed) {
  const Sweep sweep = Parsed(std::string(kHead) + "grid: {seed: {range: [1, 1000000000000]}}\n");
  EXPECT_EQ(sweep.raw_cells(), 1000000000000u);
  EXPECT_EQ(sweep.grids[0].axes[0].columns()[0].at(999999999999),
            FieldValue(int64_t{1000000000000}));
}

TEST(ParseSweepTest, ByteOrderMarkAndWindowsLineEndsAreFine) {
  const Sweep sweep =
      Parsed("\xef\xbb\xbfname: s\r\ndataset: mnist\r\ntrain:\r\n  steps: 5\r\ngrid: {}\r\n");
  EXPECT_EQ(sweep.base.steps, 5);
}

TEST(AxisTest, FindsTheIndexOfAValue) {
  const Column range("seed", Column::Range{.first = -3, .step = 5, .count = 4});
  for (uint64_t i = 0; i < range.size(); ++i) EXPECT_EQ(range.Find(range.at(i)), i);
  EXPECT_EQ(range.Find(int64_t{-2}), std::nullopt);
  EXPECT_EQ(range.Find(int64_t{-8}), std::nullopt);
  EXPECT_EQ(range.Find(int64_t{17}), std::nullopt);
  EXPECT_EQ(range.Find(std::numeric_limits<int64_t>::max()), std::nullopt);
  EXPECT_EQ(range.Find(2.0), std::nullopt);

  const Column list("activation", {FieldValue("relu"), FieldValue("tanh")});
  EXPECT_EQ(list.Find("tanh"), 1u);
  EXPECT_EQ(list.Find("linear"), std::nullopt);
}

}  // namespace
}  // namespace firstguess
