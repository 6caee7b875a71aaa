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
  EXPECT_EQ(FindLoss("blurry")->Default().parameters,
            (std::map<std::string, Loss::Parameter>{{"gamma", 0.5}, {"gradient", "detached"}}));
  EXPECT_EQ(FindLoss("piecewise_zero")->Default().parameters,
            (std::map<std::string, Loss::Parameter>{{"cutoff", 0.05}}));
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
}

}  // namespace
}  // namespace firstguess
