#include "tools/firstguess/report/theory_of_start.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "common/theory/guess_law.h"
#include "tests/tools/report/sample_data.h"

namespace firstguess {
namespace {

double Expected(const SweepData& data) {
  return TheoryOfStart(data).ExpectedMaxGuess(data.trials.front());
}

void Set(SweepData& data, const char* field, const SqlValue& value) {
  data.fields[FieldIndex(data, field)].values = {value};
}

// Depth 3, relu without biases, whatever the scale: rho = J(J(J(0))), of the closed recursion.
TEST(TheoryOfStart, IsTheLawOfTheTrialsDepthAndClasses) {
  SweepData data = SampleData();
  const double rho = 0.604826;  // to the digits that matter beside the law's own error
  const double expected = theory::GuessMomentsOf(10, rho, 512).expected_max;
  EXPECT_NEAR(Expected(data), expected, 1e-5);
  EXPECT_NEAR(expected, 0.498, 0.005);
  Set(data, "init_scale", 3.0);
  EXPECT_NEAR(Expected(data), expected, 1e-5);
  Set(data, "init", std::string("lecun"));
  EXPECT_NEAR(Expected(data), expected, 1e-5);
}

TEST(TheoryOfStart, AnOddActivationHasNoBiasUnlessBiasesMakeOne) {
  SweepData data = SampleData();
  Set(data, "activation", std::string("tanh"));
  EXPECT_NEAR(Expected(data), 0.1, 1e-6);
  Set(data, "bias_scale", 0.3);
  EXPECT_GT(Expected(data), 0.15);
}

TEST(TheoryOfStart, HasNoAnswerForOtherNetworks) {
  for (const auto& [field, value] : {std::pair<const char*, SqlValue>("model", std::string("cnn")),
                                     {"activation", std::string("gelu")},
                                     {"init", std::string("torch")},
                                     {"norm", std::string("batch_norm")}}) {
    SweepData data = SampleData();
    Set(data, field, value);
    EXPECT_TRUE(std::isnan(Expected(data))) << field;
  }
  SweepData unmeasured = SampleData();
  unmeasured.trials.front().classes = 0;
  EXPECT_TRUE(std::isnan(Expected(unmeasured)));
}

TEST(TheoryOfStart, AFileOfAnEarlierVersionHasTheDefaultsOfNewerFields) {
  SweepData data = SampleData();
  const double expected = Expected(data);
  SweepData old = data;
  old.fields.clear();
  for (TrialRow& trial : old.trials) trial.values.clear();
  for (size_t i = 0; i < data.fields.size(); ++i) {
    const std::string& name = data.fields[i].name;
    if (name == "norm" || name == "input_shift" || name == "readout_scale") continue;
    old.fields.push_back(data.fields[i]);
    for (size_t t = 0; t < data.trials.size(); ++t) {
      old.trials[t].values.push_back(data.trials[t].values[i]);
    }
  }
  EXPECT_EQ(Expected(old), expected);
}

}  // namespace
}  // namespace firstguess
