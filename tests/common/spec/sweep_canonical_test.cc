#include "common/spec/sweep_canonical.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/common/spec/parsing.h"

namespace firstguess {
namespace {

std::string Canonical(absl::string_view lines) {
  return Parsed(std::string(kHead) + std::string(lines)).canonical;
}

TEST(CanonicalSpecTest, SaysEverything) {
  EXPECT_EQ(
      Canonical("max_failures: 2\n"
                "requires: {labels: [b, a]}\n"
                "grid:\n"
                "  loss: [cross_entropy, {blurry: {gamma: [0, 1]}}]\n"
                "  seed: {range: [0, 8, 2]}\n"
                "  init_scale: [2, 0.5]\n"),
      R"({"fields":{"activation":"relu","batch_size":128,"bias_scale":0,"class_imbalance":1,)"
      R"("data_seed":0,"dataset":"fashion-mnist","depth":3,"init":"he","label_noise":0,)"
      R"("learning_rate":0.05,"loss_delay_steps":0,"model":"mlp","optimizer":"sgd","points":24,)"
      R"("probe_size":2000,"spacing":"log","steps":10,"weight_decay":0,"width":64},)"
      R"("format_version":1,"grid":[{"field":"loss","values":[{"loss":"cross_entropy",)"
      R"("loss_params":{}},{"loss":"blurry","loss_params":{"gamma":0,"gradient":"detached"}},)"
      R"({"loss":"blurry","loss_params":{"gamma":1,"gradient":"detached"}}]},)"
      R"({"field":"seed","range":{"count":5,"first":0,"step":2}},)"
      R"({"field":"init_scale","values":[2,0.5]}],"max_attempts":3,"max_failures":2,"name":"s",)"
      R"("pack":{"max_flops":2000000000000,"max_trials":64},"priority":0,)"
      R"("requires":{"device":"","device_name":"","labels":["a","b"],"memory":0}})");
}

// So that specs of before there were time-outs are still the same sweeps.
TEST(CanonicalSpecTest, HasATimeoutOnlyWhereTheFileSetsOne) {
  EXPECT_EQ(Canonical("grid: {}\n").find("trial_timeout"), std::string::npos);
  EXPECT_NE(Canonical("trial_timeout: 90\ngrid: {}\n").find(R"("trial_timeout":90)"),
            std::string::npos);
}

TEST(CanonicalSpecTest, FilesThatSayTheSameAreEqual) {
  const std::string plain = Canonical("grid: {seed: {range: [0, 2]}, loss: [blurry]}\n");
  EXPECT_EQ(Canonical("grid: {seed: [0, 1, 2], loss: [{blurry: {gamma: 0.5}}]}\n"), plain);
  EXPECT_EQ(Canonical("grid: {seed: {linspace: [0, 2, 3]}, loss: [{blurry: {gamma: [0.50]}}]}\n"),
            plain);
  EXPECT_EQ(Canonical("# a comment\nwidth: 64\nbias_scale: -0\nnoise_kind: pair_flip\n"
                      "pack: {max_flops: 2.0e12}\nrequires: {}\n"
                      "grid: {seed: {range: [0, 2]}, loss: [blurry]}\n"),
            plain);
}

TEST(CanonicalSpecTest, FilesThatDifferDiffer) {
  const std::string plain = Canonical("grid: {seed: {range: [0, 2]}, width: [1, 2]}\n");
  EXPECT_NE(Canonical("grid: {width: [1, 2], seed: {range: [0, 2]}}\n"), plain);
  EXPECT_NE(Canonical("grid: {seed: {range: [0, 3]}, width: [1, 2]}\n"), plain);
  EXPECT_NE(Canonical("grid: {seed: {range: [0, 2]}, width: [2, 1]}\n"), plain);
  EXPECT_NE(Canonical("depth: 4\ngrid: {seed: {range: [0, 2]}, width: [1, 2]}\n"), plain);
  EXPECT_NE(Canonical("priority: 1\ngrid: {seed: {range: [0, 2]}, width: [1, 2]}\n"), plain);
}

TEST(CanonicalSpecTest, AFieldThatAnAxisGivesEffectCounts) {
  const std::string plain = Canonical("grid: {label_noise: [0, 0.1]}\n");
  EXPECT_NE(Canonical("noise_kind: pair_flip\ngrid: {label_noise: [0, 0.1]}\n"), plain);
}

}  // namespace
}  // namespace firstguess
