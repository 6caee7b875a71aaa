#include "coordinator/service/result_check.h"

#include <cmath>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/coordinator/service/fake_trajectory.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

TrialConfig Config() {
  TrialConfig config;
  config.dataset = "fashion-mnist";
  config.steps = 20;
  config.points = 4;
  config.probe_size = 100;
  return config;
}

TEST(ResultCheck, AWellFormedResultPasses) {
  EXPECT_TRUE(CheckResult(Config(), FakeTrajectory(Config())).ok());
}

TEST(ResultCheck, ADivergedResultHasTheSnapshotsBeforeItsDivergence) {
  Trajectory trajectory = FakeTrajectory(Config());
  trajectory.diverged_at_step = trajectory.snapshots[2].step;
  EXPECT_FALSE(CheckResult(Config(), trajectory).ok());
  trajectory.snapshots.resize(2);
  EXPECT_TRUE(CheckResult(Config(), trajectory).ok());
}

TEST(ResultCheck, DivergedAtStepZeroThereIsNothingToRank) {
  Trajectory trajectory = FakeTrajectory(Config());
  trajectory.diverged_at_step = 0;
  trajectory.snapshots.clear();
  trajectory.initial_rank.clear();
  EXPECT_TRUE(CheckResult(Config(), trajectory).ok());
  trajectory.support.clear();
  EXPECT_TRUE(CheckResult(Config(), trajectory).ok());
  trajectory.support.push_back(100);
  EXPECT_FALSE(CheckResult(Config(), trajectory).ok());
}

TEST(ResultCheck, ValuesThatAreNotFiniteAreNobodysBusinessHere) {
  Trajectory trajectory = FakeTrajectory(Config());
  trajectory.snapshots[1].class_loss[3] = kNotMeasured;
  trajectory.snapshots[1].train_loss = kNotMeasured;
  EXPECT_TRUE(CheckResult(Config(), trajectory).ok());
}

TEST(ResultCheck, TheDrawOfTheInitialWeightsIsOneOfThoseAllowed) {
  TrialConfig config = Config();
  Trajectory trajectory = FakeTrajectory(config);
  trajectory.init_try = 1;
  EXPECT_FALSE(CheckResult(config, trajectory).ok()) << "without a condition there is none";
  config.init_max_guess_min = 0.5;
  config.init_tries = 7;
  for (const int64_t draw : {-1, 0, 1, 7, 8}) {
    trajectory.init_try = draw;
    EXPECT_EQ(CheckResult(config, trajectory).ok(), draw >= 1 && draw <= 7) << draw;
  }
}

TEST(ResultCheck, EachMistakeIsNamed) {
  struct Mistake {
    std::string words;
    std::function<void(Trajectory&)> make;
  };
  const Mistake mistakes[] = {
      {"snapshots, the trial has", [](Trajectory& t) { t.snapshots.pop_back(); }},
      {"is of step", [](Trajectory& t) { t.snapshots[1].step += 1; }},
      {"diverged_at_step", [](Trajectory& t) { t.diverged_at_step = 21; }},
      {"diverged_at_step", [](Trajectory& t) { t.diverged_at_step = -2; }},
      {"support has 9 entries", [](Trajectory& t) { t.support.pop_back(); }},
      {"support adds up to 101", [](Trajectory& t) { ++t.support[4]; }},
      {"support of -1", [](Trajectory& t) { t.support[4] = -1; }},
      {"initial_rank has 11", [](Trajectory& t) { t.initial_rank.push_back(10); }},
      {"every rank once", [](Trajectory& t) { t.initial_rank[0] = t.initial_rank[1]; }},
      {"guess_count has 9", [](Trajectory& t) { t.snapshots[1].guess_count.pop_back(); }},
      {"correct_count has 9", [](Trajectory& t) { t.snapshots[1].correct_count.pop_back(); }},
      {"mean_prob has 11", [](Trajectory& t) { t.snapshots[1].mean_prob.push_back(0); }},
      {"class_loss has 0", [](Trajectory& t) { t.snapshots[1].class_loss.clear(); }},
      {"drift has 9", [](Trajectory& t) { t.snapshots[1].drift.pop_back(); }},
      {"99 guesses on 100", [](Trajectory& t) { --t.snapshots[2].guess_count[0]; }},
      {"class 5 has 0 guesses, 1 of them",
       [](Trajectory& t) { ++t.snapshots[2].correct_count[5]; }},
      {"pack_size 0", [](Trajectory& t) { t.pack_size = 0; }},
      {"train_seconds", [](Trajectory& t) { t.train_seconds = NAN; }},
      {"device or library", [](Trajectory& t) { t.device = std::string(300, 'x'); }},
  };
  for (const Mistake& mistake : mistakes) {
    Trajectory trajectory = FakeTrajectory(Config());
    mistake.make(trajectory);
    const absl::Status status = CheckResult(Config(), trajectory);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << mistake.words;
    EXPECT_THAT(std::string(status.message()), HasSubstr(mistake.words));
  }
}

TrialConfig WithGroups() {
  TrialConfig config = Config();
  config.groups = "confusion,layers,logits,noise,sharpness";
  config.sharpness_iterations = 7;
  config.label_noise = 0.25;
  return config;
}

TEST(ResultCheck, GroupsAreThereExactlyWhenAskedFor) {
  const Trajectory whole = FakeTrajectory(WithGroups());
  EXPECT_TRUE(CheckResult(WithGroups(), whole).ok()) << CheckResult(WithGroups(), whole);
  for (const char* group : {"confusion", "layers", "logits", "noise", "sharpness"}) {
    TrialConfig config = Config();
    config.sharpness_iterations = 7;
    config.groups = group;
    const Trajectory one = FakeTrajectory(config);
    EXPECT_TRUE(CheckResult(config, one).ok()) << CheckResult(config, one);
    EXPECT_THAT(std::string(CheckResult(Config(), one).message()),
                HasSubstr(absl::StrCat("step 0: group ", group, " was not asked for")));
    EXPECT_THAT(std::string(CheckResult(config, FakeTrajectory(Config())).message()),
                HasSubstr(absl::StrCat("step 0: group ", group, " is missing")));
  }
}

TEST(ResultCheck, ConfusionIsAtTheStepsThatAreNamedOrAtTheFirstAndTheLast) {
  TrialConfig ends = Config();
  ends.groups = "confusion";
  TrialConfig named = ends;
  named.confusion_steps = "0,20";
  EXPECT_TRUE(CheckResult(named, FakeTrajectory(ends)).ok());
  named.confusion_steps = "0,1,20";
  EXPECT_THAT(std::string(CheckResult(named, FakeTrajectory(ends)).message()),
              HasSubstr("step 1: group confusion is missing"));
  // A diverged trial keeps what it measured before.
  Trajectory diverged = FakeTrajectory(ends);
  diverged.diverged_at_step = diverged.snapshots[2].step;
  diverged.snapshots.resize(2);
  EXPECT_TRUE(CheckResult(ends, diverged).ok());
}

TEST(ResultCheck, EachMistakeInAGroupIsNamed) {
  struct Mistake {
    std::string words;
    std::function<void(Snapshot&)> make;
  };
  const Mistake mistakes[] = {
      {"logits has 9 of 10", [](Snapshot& s) { s.logit_mean.pop_back(); }},
      {"logits has 11 of 10", [](Snapshot& s) { s.logit_variance.push_back(1); }},
      {"logit_variance -1", [](Snapshot& s) { s.logit_variance[3] = -1; }},
      {"label 10, guess 0: 10", [](Snapshot& s) { s.confusion[9].label = 10; }},
      {"label 4, guess -1: 10", [](Snapshot& s) { s.confusion[4].guess = -1; }},
      {"label 4, guess 0: 0", [](Snapshot& s) { s.confusion[4].count = 0; }},
      {"label 4, guess 0: 101", [](Snapshot& s) { s.confusion[4].count = 101; }},
      {"out of order", [](Snapshot& s) { std::swap(s.confusion[4], s.confusion[5]); }},
      {"does not add up", [](Snapshot& s) { ++s.confusion[4].count; }},
      {"does not add up", [](Snapshot& s) { s.confusion[4].guess = 1; }},
      {"has 3 layers", [](Snapshot& s) { s.layers.pop_back(); }},
      {"layer 1 has another name", [](Snapshot& s) { s.layers[1].name = "conv"; }},
      {"layer 2: dead_fraction 1.5", [](Snapshot& s) { s.layers[2].dead_fraction = 1.5; }},
      {"cosine -1.5", [](Snapshot& s) { s.layers[2].correlation = -1.5; }},
      {"norm -0.5", [](Snapshot& s) { s.layers[2].weight_norm = -0.5; }},
      {"99 clean and 2 corrupted",
       [](Snapshot& s) { s.noise->clean_examples = 99, s.noise->corrupted_examples = 2; }},
      {"0 clean and 0 corrupted", [](Snapshot& s) { s.noise->clean_examples = 0; }},
      {"share of 1.25", [](Snapshot& s) { s.noise->accuracy_true = 1.25; }},
      {"has 8 iterations", [](Snapshot& s) { s.sharpness->iterations = 8; }},
      {"residual of -1", [](Snapshot& s) { s.sharpness->residual = -1; }},
  };
  for (const Mistake& mistake : mistakes) {
    Trajectory trajectory = FakeTrajectory(WithGroups());
    mistake.make(trajectory.snapshots.back());
    const absl::Status status = CheckResult(WithGroups(), trajectory);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << mistake.words;
    EXPECT_THAT(std::string(status.message()), HasSubstr("step 20: "));
    EXPECT_THAT(std::string(status.message()), HasSubstr(mistake.words));
  }
}

}  // namespace
}  // namespace firstguess
