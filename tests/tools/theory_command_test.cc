#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "nlohmann/json.hpp"
#include "tests/tools/cli_fixture.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::json;

class TheoryCommandTest : public CliFixture {
 protected:
  Json Answer(const std::vector<std::string>& arguments) {
    std::vector<std::string> command = {"theory", "--json"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    EXPECT_EQ(Run(command), kExitDone) << err_.text;
    return Json::parse(out_.Take());
  }
};

// The printed digits of an independent computation.
TEST_F(TheoryCommandTest, TellsTheBiasByDepth) {
  const Json answer = Answer({"--depth", "5", "--activation", "relu"});
  ASSERT_EQ(answer["depths"].size(), 6u);
  const Json& deepest = answer["depths"][5];
  EXPECT_EQ(deepest["depth"], 5);
  EXPECT_NEAR(deepest["rho"].get<double>(), 0.7359463506, 1e-9);
  EXPECT_NEAR(deepest["gamma"].get<double>(), 2.7871091817, 1e-8);
  EXPECT_NEAR(deepest["two_classes"]["expected_max_guess"].get<double>(), 0.8282145171, 1e-9);
  EXPECT_NEAR(deepest["two_classes"]["standard_deviation"].get<double>(), 0.3628101818, 1e-9);
  EXPECT_NEAR(deepest["two_classes"]["probability_max_above_0.9"].get<double>(), 0.44269952, 1e-8);
  EXPECT_EQ(deepest["two_classes"]["deciles"].size(), 9u);
  EXPECT_EQ(deepest["two_classes"]["deciles"][4], 0.5);
  EXPECT_NEAR(deepest["expected_max_guess"].get<double>(), 0.5903, 3 * 0.0050);
}

TEST_F(TheoryCommandTest, TellsThePhaseAndItsBorders) {
  const Json answer = Answer({"--activation", "tanh", "--bias-variance", "0.05",
                              "--weight-variance", "2", "--depth", "3"});
  EXPECT_NEAR(answer["critical_weight_variance"].get<double>(), 1.76095464, 1e-8);
  EXPECT_NEAR(answer["neutral_weight_variance"].get<double>(), 2.378266, 1e-6);
  EXPECT_THAT(answer["phase"].get<std::string>(), HasSubstr("prejudice"));
}

TEST_F(TheoryCommandTest, TellsOfPoolingAndOfFiniteInputs) {
  const Json pooling = Answer({"--pooling", "max", "--pool-size", "4"});
  EXPECT_NEAR(pooling["gamma"].get<double>(), 2.4292585058, 1e-9);
  EXPECT_NEAR(pooling["critical_weight_variance"].get<double>(), 0.6477585885, 1e-9);
  const Json finite = Answer({"--inputs", "784", "--depth", "10"});
  EXPECT_NEAR(finite["depths"].back()["rho"].get<double>(), 0.87101213, 1e-8);
}

TEST_F(TheoryCommandTest, PrintsATableForPeople) {
  EXPECT_EQ(Run({"theory", "--depth", "1"}), kExitDone);
  EXPECT_THAT(out_.text, HasSubstr("edge of chaos"));
  EXPECT_THAT(out_.text, HasSubstr("0.690811"));
  EXPECT_THAT(out_.text, HasSubstr("Its deciles:"));
}

TEST_F(TheoryCommandTest, SaysWhatItHasNoAnswerFor) {
  EXPECT_EQ(Run({"theory", "--activation", "gelu"}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("known are relu, tanh, linear"));
  EXPECT_EQ(Run({"theory", "--activation", "tanh", "--inputs", "10"}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("--inputs is known for relu"));
  for (const char* option : {"--depth", "--classes", "--pool-size"}) {
    EXPECT_EQ(Run({"theory", option, "-1"}), kExitInput) << option;
  }
}

}  // namespace
}  // namespace firstguess
