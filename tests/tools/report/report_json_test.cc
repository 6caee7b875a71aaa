#include "tools/firstguess/report/report_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "absl/strings/str_cat.h"
#include "tests/tools/report/sample_data.h"

namespace firstguess {
namespace {

using nlohmann::json;

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

// Two snapshots of two classes.
TrajectoryData SmallTrajectory() {
  return {.steps = {0, 100},
          .accuracy = {0.5, kNotANumber},
          .support = {8, 12},
          .rank = {1, 0},
          .mean_prob = {{0.123456789, 0.5}, {0.876543211, kNotANumber}},
          .correct = {{0, 4}, {12, 9}}};
}

class ReportJsonTest : public ::testing::Test {
 protected:
  json Make() {
    ReportSource source;
    source.data = &data_;
    source.database = "sample.db";
    source.limits = limits_;
    source.trajectory = [this](int64_t trial_id) -> absl::StatusOr<TrajectoryData> {
      read_.push_back(trial_id);
      return SmallTrajectory();
    };
    absl::StatusOr<json> report = ReportJson(source);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.value_or(json());
  }

  SweepData data_ = SampleData();
  PageLimits limits_;
  std::vector<int64_t> read_;
};

TEST_F(ReportJsonTest, AxesAreTheFieldsThatVary) {
  const json report = Make();
  ASSERT_EQ(report["axes"].size(), 2u);
  EXPECT_EQ(report["axes"][0]["name"], "width");
  EXPECT_EQ(report["axes"][0]["values"], json({32, 64}));
  EXPECT_EQ(report["axes"][1]["name"], "seed");
  EXPECT_EQ(report["table"]["axes"], json::array({0})) << "seeds are what rows aggregate over";
}

TEST_F(ReportJsonTest, OptimizerAndLearningRateAreAlwaysStated) {
  const std::string setting = Make()["setting"].dump();
  EXPECT_NE(setting.find(R"({"label":"optimizer","value":"sgd"})"), std::string::npos) << setting;
  EXPECT_NE(setting.find(R"({"label":"learning rate","value":"0.05"})"), std::string::npos);

  data_.fields[FieldIndex(data_, "learning_rate")].values = {0.05, 0.1};
  EXPECT_NE(Make()["setting"].dump().find(R"("value":"0.05, 0.1")"), std::string::npos);
}

TEST_F(ReportJsonTest, NumbersThatAreNotMeasuredAreNull) {
  const json trial = Make()["trials"][0];
  EXPECT_EQ(trial["mean_prob"], json({{0.123457, 0.5}, {0.876543, nullptr}}));
  EXPECT_EQ(trial["accuracy"], json({0.5, nullptr}));
  EXPECT_EQ(trial["correct"], json({{0, 4}, {12, 9}}));
  EXPECT_EQ(trial["diverged_at_step"], nullptr);
}

TEST_F(ReportJsonTest, EqualStepsAreWrittenOnce) {
  const json report = Make();
  EXPECT_EQ(report["step_sets"], json({{0, 100}}));
  EXPECT_EQ(report["trials"].size(), 8u);
}

TEST_F(ReportJsonTest, OverTheLimitTheMostBiasedStartsAreKeptWhole) {
  for (const size_t trial : {5, 7}) data_.trials[trial].first->favoured_prob = 0.9;
  limits_.trajectories = 3;
  const json report = Make();
  ASSERT_EQ(report["trials"].size(), 2u) << "a second start would make four";
  EXPECT_EQ(report["trials"][0]["id"], 6);
  EXPECT_EQ(report["trials"][1]["id"], 8);
  EXPECT_EQ(report["measured_trials"], 8) << "the page says of how many";
  EXPECT_EQ(report["table"]["rows"].size(), 4u) << "what is aggregated is over all";
}

TEST_F(ReportJsonTest, OneStartIsKeptHoweverLargeItIs) {
  limits_.trajectory_numbers = 1;
  EXPECT_EQ(Make()["trials"].size(), 2u);
}

TEST_F(ReportJsonTest, ValuesThatNothingShowsAreLeftOut) {
  TrialField& seeds = data_.fields[FieldIndex(data_, "seed")];
  for (int64_t seed = 2; seed < 1000; ++seed) seeds.values.emplace_back(seed);
  const json axis = Make()["axes"][1];
  EXPECT_EQ(axis["values"], json({0, 1}));
  EXPECT_EQ(axis["summary"], "0 to 999 (1000 values)");
}

TEST_F(ReportJsonTest, OverTheLimitPointsAreThinnedButMeansAreNot) {
  limits_.points = 2;
  const json initial = Make()["initial"];
  EXPECT_EQ(initial["points"].size(), 2u);
  EXPECT_EQ(initial["starts"], 4);
  const json& means = initial["splits"][0]["means"];
  EXPECT_EQ(means[0]["starts"].get<int>() + means[1]["starts"].get<int>(), 4);
}

TEST_F(ReportJsonTest, OverTheLimitTheMostBiasedRowsAreKeptInOrder) {
  for (const size_t trial : {4, 5, 6, 7}) data_.trials[trial].first->favoured_prob = 0.9;
  limits_.rows = 2;
  const json table = Make()["table"];
  EXPECT_EQ(table["total"], 4);
  ASSERT_EQ(table["rows"].size(), 2u);
  EXPECT_EQ(table["rows"][0]["axes"], json::array({1})) << "width 64";
  EXPECT_EQ(table["rows"][0]["treatment"], 0);
  EXPECT_EQ(table["rows"][1]["treatment"], 1);
}

TEST_F(ReportJsonTest, BiasIsDrawnOverDepthOrElseOverWhatVaries) {
  EXPECT_EQ(Make()["initial"]["x"]["name"], "width") << "depth is 3 throughout";
  const size_t depth = FieldIndex(data_, "depth");
  data_.fields[depth].values = {int64_t{3}, int64_t{6}};
  data_.trials[7].values[depth] = 1;
  const json initial = Make()["initial"];
  EXPECT_EQ(initial["x"]["name"], "depth");
  ASSERT_EQ(initial["splits"].size(), 2u);
  EXPECT_EQ(initial["splits"][1]["name"], "width");
}

TEST_F(ReportJsonTest, ASweepWithoutTrialsHasAPage) {
  data_.trials.clear();
  for (TrialField& field : data_.fields) field.values.clear();
  data_.treatments.clear();
  const json report = Make();
  EXPECT_TRUE(report["groups"].empty());
  EXPECT_TRUE(report["initial"]["points"].empty());
  EXPECT_TRUE(report["table"]["rows"].empty());
  EXPECT_TRUE(read_.empty());
}

}  // namespace
}  // namespace firstguess
