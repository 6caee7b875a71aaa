// Every question of the cookbook, asked of a sample database.

#include "coordinator/store/cookbook/cookbook.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/tools/cli_fixture.h"
#include "tests/tools/report/sample_database.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

class CookbookTest : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    database_ = Path("sample.db");
    const absl::Status written = WriteSampleDatabase(database_);
    ASSERT_TRUE(written.ok()) << written;
  }

  // The rows of an answer.
  std::vector<Json> Ask(const std::string& name, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"query", "--ask", name, "--json", "--db", database_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(Run(arguments), kExitDone) << name << ": " << err_.Take();
    std::vector<Json> rows;
    for (const absl::string_view line : absl::StrSplit(out_.Take(), '\n', absl::SkipEmpty())) {
      rows.push_back(Json::parse(std::string(line)));
    }
    return rows;
  }

  std::string database_;
};

// What a question needs that the sample can't give a default for.
std::vector<std::string> Needed(const Recipe& recipe) {
  std::vector<std::string> needed;
  for (const RecipeParameter& parameter : recipe.parameters) {
    if (parameter.default_sql.empty()) {
      needed.insert(needed.end(), {"--set", absl::StrCat(parameter.name, "=1")});
    }
  }
  return needed;
}

TEST_F(CookbookTest, HasAtLeastFifteenQuestionsOfDifferentNames) {
  std::set<absl::string_view> names;
  for (const Recipe& recipe : Cookbook()) {
    EXPECT_TRUE(names.insert(recipe.name).second) << recipe.name;
    EXPECT_FALSE(recipe.question.empty()) << recipe.name;
  }
  EXPECT_GE(names.size(), 15u);
}

// Questions whose answer on the sample is rightly empty: nothing there was tried twice, and its two
// sweeps have no trial in common.
TEST_F(CookbookTest, EveryQuestionHasAnAnswer) {
  const std::set<absl::string_view> empty = {"attempts", "shared"};
  for (const Recipe& recipe : Cookbook()) {
    const std::vector<Json> rows = Ask(std::string(recipe.name), Needed(recipe));
    EXPECT_EQ(rows.empty(), empty.count(recipe.name) > 0) << recipe.name;
  }
}

// The largest tables are read through their keys.
TEST_F(CookbookTest, NoQuestionScansTheMeasurementsOfOtherTrials) {
  for (const Recipe& recipe : Cookbook()) {
    std::vector<std::string> arguments = Needed(recipe);
    arguments.push_back("--explain");
    for (const Json& row : Ask(std::string(recipe.name), arguments)) {
      const auto detail = row["detail"].get<std::string>();
      EXPECT_THAT(detail, Not(HasSubstr("SCAN class_snapshot"))) << recipe.name;
      EXPECT_THAT(detail, Not(HasSubstr("SCAN snapshot"))) << recipe.name;
    }
  }
}

TEST_F(CookbookTest, AnswersAreRight) {
  const std::vector<Json> progress = Ask("progress");
  ASSERT_EQ(progress.size(), 2u);
  EXPECT_EQ(progress[1]["sweep"], "sample");
  EXPECT_EQ(progress[1]["done"], 11);
  EXPECT_EQ(progress[1]["failed"], 1);
  const std::vector<Json> failures = Ask("failures");
  ASSERT_EQ(failures.size(), 1u);
  EXPECT_EQ(failures[0]["failure_class"], "crash");
  EXPECT_EQ(failures[0]["trials"], 1);
  // Depth 6 starts at 0.9 (seed 0) and is the most biased; depth 3 at 0.4.
  const std::vector<Json> biased = Ask("most-biased", {"--set", "limit=1"});
  ASSERT_EQ(biased.size(), 1u);
  EXPECT_EQ(biased[0]["depth"], 6);
  EXPECT_EQ(biased[0]["seed"], 0);
  // Of the sample's losses only piecewise-zero stays where it began.
  for (const Json& row : Ask("time-scales")) {
    const bool stays = row["loss"] == "piecewise_zero";
    EXPECT_EQ(row["became_unbiased"] == 0, stays) << row;
  }
  const std::vector<Json> one = Ask("one-trial", {"--set", "trial=2"});
  ASSERT_FALSE(one.empty());
  EXPECT_EQ(one[0]["step"], 0);
}

TEST_F(CookbookTest, IsListedWithItsSql) {
  EXPECT_EQ(Run({"query", "--cookbook"}), kExitDone) << err_.text;
  EXPECT_THAT(out_.Take(), HasSubstr("How many steps until the bias is gone"));
  EXPECT_EQ(Run({"query", "--cookbook", "--json"}), kExitDone) << err_.text;
  const Json cookbook = Json::parse(out_.Take())["cookbook"];
  EXPECT_EQ(cookbook.size(), Cookbook().size());
  EXPECT_THAT(cookbook[0]["sql"].get<std::string>(), HasSubstr("FROM progress"));
}

TEST_F(CookbookTest, MistakesAreExplained) {
  EXPECT_EQ(Run({"query", "--ask", "time-scale", "--db", database_}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("did you mean `time-scales`?"));
  EXPECT_EQ(Run({"query", "--ask", "one-trial", "--db", database_}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("--set NAME=VALUE"));
  EXPECT_EQ(Run({"query", "select :a", "--set", "a", "--db", database_}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("is not NAME=VALUE"));
  EXPECT_EQ(Run({"query", "--db", database_}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("there is no query"));
  EXPECT_EQ(Run({"query", "--file", Path("none.sql"), "--db", database_}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("none.sql can't be read"));
}

TEST_F(CookbookTest, SqlComesFromAFileAndTakesParameters) {
  const std::string file =
      WriteFile("q.sql", "select :text as text, :number + 1 as number -- :not this\n");
  EXPECT_EQ(Run({"query", "--file", file, "--set", "text=it's :x", "--set", "number=41", "--format",
                 "markdown", "--db", database_}),
            kExitDone)
      << err_.text;
  EXPECT_EQ(out_.Take(), "| text | number |\n|---|---:|\n| it's :x | 42 |\n");
}

}  // namespace
}  // namespace firstguess
