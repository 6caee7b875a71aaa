#include "common/spec/losses.h"

#include <cmath>
#include <string>

#include "gtest/gtest.h"

namespace firstguess {
namespace {

TEST(KnownLossesTest, DefaultsAreValidAndSpelledOut) {
  for (const LossInfo& info : KnownLosses()) {
    const Loss loss = info.Default();
    EXPECT_TRUE(CheckLoss(loss).ok()) << info.name;
    EXPECT_EQ(loss.parameters.size(), info.parameters.size()) << info.name;
    EXPECT_FALSE(info.formula.empty() || info.source.empty()) << info.name;
  }
}

TEST(KnownLossesTest, TheDefaultLossIsATrialsDefault) {
  EXPECT_EQ(FindLoss("cross_entropy")->Default(), TrialConfig().loss);
}

TEST(KnownLossesTest, PublishedDefaults) {
  using Parameters = std::map<std::string, Loss::Parameter>;
  const double log_of_zero = std::log(1e-4);
  const std::map<std::string, Parameters> defaults = {
      {"cross_entropy", {}},
      {"blurry", {{"gamma", 0.5}, {"gradient", "detached"}}},
      {"piecewise_zero", {{"cutoff", 0.05}}},
      {"blurry_piecewise_zero", {{"gamma", 0.5}, {"gradient", "detached"}, {"cutoff", 0.05}}},
      {"label_smoothing", {{"epsilon", 0.1}}},
      {"focal", {{"gamma", 2.0}, {"gradient", "detached"}}},
      {"mae", {{"scale", 1.0}}},
      {"gce", {{"q", 0.7}}},
      {"truncated_gce", {{"q", 0.7}, {"k", 0.5}}},
      {"rce", {{"A", log_of_zero}}},
      {"sce", {{"alpha", 0.1}, {"beta", 1.0}, {"A", log_of_zero}}},
      {"nce", {{"scale", 1.0}}},
      {"nce_mae", {{"alpha", 1.0}, {"beta", 1.0}}},
      {"nce_rce", {{"alpha", 1.0}, {"beta", 1.0}, {"A", log_of_zero}}},
      {"nfl", {{"gamma", 0.5}, {"gradient", "detached"}}},
      {"ngce", {{"q", 0.1}}},
      {"anl_ce", {{"alpha", 5.0}, {"beta", 5.0}, {"delta", 5e-5}, {"min_prob", 1e-7}}},
      {"agce", {{"a", 6.0}, {"q", 1.5}}},
      {"aul", {{"a", 6.3}, {"q", 1.5}}},
      {"ael", {{"a", 5.0}}},
      {"taylor_ce", {{"t", 2.0}}},
      {"poly1", {{"epsilon", 1.0}}},
      {"brier", {}}};
  EXPECT_EQ(KnownLosses().size(), defaults.size());
  for (const auto& [name, parameters] : defaults) {
    ASSERT_NE(FindLoss(name), nullptr) << name;
    EXPECT_EQ(FindLoss(name)->Default().parameters, parameters) << name;
  }
}

std::string Problem(const Loss& loss) { return std::string(CheckLoss(loss).message()); }

TEST(CheckLossTest, NamesWhatIsWrong) {
  Loss loss = FindLoss("blurry")->Default();
  loss.parameters["gamma"] = -0.5;
  EXPECT_EQ(Problem(loss), "loss blurry: `gamma` must be at least 0, not -0.5");
  loss.parameters["gamma"] = std::nan("");
  EXPECT_EQ(Problem(loss), "loss blurry: `gamma` must be at least 0, not nan");
  loss.parameters["gamma"] = "big";
  EXPECT_EQ(Problem(loss), "loss blurry: `gamma` must be a number");
  loss.parameters.erase("gamma");
  EXPECT_EQ(Problem(loss), "`gamma` of loss blurry is missing");

  loss = FindLoss("blurry")->Default();
  loss.parameters["gradient"] = "fll";
  EXPECT_EQ(Problem(loss),
            "loss blurry: `gradient` must be one of detached, full, not `fll` (did you mean "
            "`full`?)");

  loss = FindLoss("piecewise_zero")->Default();
  loss.parameters["cutoff"] = 1.5;
  EXPECT_EQ(Problem(loss), "loss piecewise_zero: `cutoff` must be from 0 to 1, not 1.5");
  loss.parameters["gamma"] = 1.0;
  EXPECT_EQ(Problem(loss), "loss piecewise_zero has no parameter `gamma`");

  loss = FindLoss("taylor_ce")->Default();
  loss.parameters["t"] = 1.5;
  EXPECT_EQ(Problem(loss), "loss taylor_ce: `t` must be an integer, not 1.5");
}

}  // namespace
}  // namespace firstguess
