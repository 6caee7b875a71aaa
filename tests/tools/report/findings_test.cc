#include "tools/firstguess/report/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/report/sample_data.h"

namespace firstguess {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Findings, SayWhatEachLossMadeOfTheMostBiasedStart) {
  SweepData data = SampleData();
  for (const size_t trial : {5, 7}) {
    data.trials[trial].first->favoured_prob = 0.953;
    data.trials[trial].first->max_guess = 0.9875;
  }
  data.trials[7].last->favoured_prob = 0.987;
  data.trials[7].last->above_chance = 1;
  data.trials[7].last->accuracy = 0.1;
  EXPECT_THAT(
      FindingsOf(data),
      ElementsAre(
          "8 cells: 8 done (0 diverged), 0 failed.",
          "Most biased start, width 64, seed 1: class 4 (Coat) has mean probability 0.953 before "
          "training and is the guess for 98.8 % of the probe examples.",
          "From that very start, after 100 steps with sgd, learning rate 0.05:",
          "  cross-entropy: mean probability of class 4 now 0.100, 10 of 10 classes with recall "
          "above chance, accuracy 0.800.",
          "  piecewise-zero, cutoff 0.05: mean probability of class 4 now 0.987, 1 of 10 classes "
          "with recall above chance, accuracy 0.100.",
          "Largest guess fraction before training, mean over 4 starts: 0.697 at depth 3."));
}

TEST(Findings, CountWhatIsOpenAndWhatWentWrong) {
  SweepData data = SampleData();
  data.cells = 20;
  data.done = 8;
  data.diverged = 2;
  data.failed = 3;
  data.cancelled = 1;
  data.leased = 2;
  data.pending = 6;
  EXPECT_EQ(FindingsOf(data).front(),
            "20 cells: 8 done (2 diverged), 3 failed, 1 cancelled, 8 still to come.");
}

TEST(Findings, NameADivergedTrialAsSuch) {
  SweepData data = SampleData();
  data.trials[2].diverged_at_step = 17;
  EXPECT_THAT(FindingsOf(data), Contains("  piecewise-zero, cutoff 0.05: diverged at step 17."));
}

TEST(Findings, OfASweepWithoutResultsAreItsCounts) {
  SweepData data = SampleData();
  data.trials.clear();
  data.cells = 1;
  data.done = 0;
  data.pending = 1;
  EXPECT_THAT(FindingsOf(data),
              ElementsAre("1 cell: 0 done (0 diverged), 0 failed, 1 still to come."));
}

TEST(Findings, OfUntrainedNetworksSayNothingOfLosses) {
  SweepData data = SampleData();
  for (TrialRow& trial : data.trials) trial.last = trial.first;
  EXPECT_THAT(FindingsOf(data), Not(Contains(HasSubstr("cross-entropy"))));
}

TEST(Findings, StayShortForManyLosses) {
  SweepData data = SampleData();
  for (uint32_t i = 2; i < 30; ++i) {
    data.treatments.push_back({.loss = "blurry", .loss_params = "{}", .label = "blurry"});
    TrialRow trial = data.trials.front();
    trial.trial_id = 100 + i;
    trial.treatment = i;
    data.trials.push_back(trial);
  }
  const std::vector<std::string> findings = FindingsOf(data);
  EXPECT_THAT(findings, Contains("  and 22 more losses."));
  EXPECT_LE(findings.size(), 14u);
}

}  // namespace
}  // namespace firstguess
