#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "tests/tools/cli_fixture.h"
#include "tests/tools/report/sample_database.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class PlotCommandTest : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    database_ = Path("sample.db");
    const absl::Status written = WriteSampleDatabase(database_);
    ASSERT_TRUE(written.ok()) << written;
  }

  // The SVG of a chart on standard output.
  std::string Svg(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "plot");
    arguments.insert(arguments.end(), {"--db", database_, "--output", "-"});
    EXPECT_EQ(Run(arguments), kExitDone) << err_.text;
    return out_.Take();
  }

  std::string Answer(const std::string& sql) {
    EXPECT_EQ(Run({"query", "--db", database_, "--format", "csv", sql}), kExitDone) << err_.text;
    const std::string csv = out_.Take();
    const size_t head = csv.find('\n');
    return csv.substr(head + 1, csv.find_first_of("\r\n", head + 1) - head - 1);
  }

  int Refused(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "plot");
    arguments.insert(arguments.end(), {"--db", database_});
    return Run(arguments);
  }

  std::string database_;
};

TEST_F(PlotCommandTest, TrajectoriesHaveAPanelForEachLossWithTheNumbersOfTheDatabase) {
  const std::string svg = Svg({});
  EXPECT_THAT(svg, AllOf(StartsWith("<svg"), HasSubstr(">sample: depth 6, seed 0<"),
                         HasSubstr(">cross-entropy<"), HasSubstr(">blurry, gamma 0.5<"),
                         HasSubstr(">piecewise-zero, cutoff 0.05<"), HasSubstr(">Ankle boot<"),
                         HasSubstr(">diverged<")));
  const std::string start = Answer(
      "select printf('Ankle boot %.2f', mean_prob) from trajectory where sweep = 'sample' and "
      "depth = 6 and seed = 0 and loss = 'cross_entropy' and class = 9 and step = 0");
  const std::string end = Answer(
      "select printf('%.2f', mean_prob) from trajectory where sweep = 'sample' and depth = 6 and "
      "seed = 0 and loss = 'cross_entropy' and class = 9 order by step desc limit 1");
  EXPECT_THAT(svg, HasSubstr(absl::StrCat(start, " → ", end)));
}

TEST_F(PlotCommandTest, RanksAreOverTheSeedsOfTheTrialsAskedFor) {
  const std::string svg =
      Svg({"--lines", "ranks", "--where", "depth=3", "--where", "loss=blurry, gamma 0.5"});
  EXPECT_THAT(svg, AllOf(HasSubstr(">sample: depth 3<"), HasSubstr("2 seeds"),
                         HasSubstr(">blurry, gamma 0.5<"), Not(HasSubstr(">cross-entropy<"))));
}

TEST_F(PlotCommandTest, TheInitialBiasStandsBesideTheory) {
  const std::string svg = Svg({"initial-bias"});
  EXPECT_THAT(svg, AllOf(HasSubstr("Largest guess fraction before any update"),
                         HasSubstr(">theory<"), HasSubstr(">depth<")));
  EXPECT_THAT(Svg({"initial-bias", "--quantity", "mean_prob"}), Not(HasSubstr(">theory<")));
}

TEST_F(PlotCommandTest, AHeatMapPrintsTheMeansOfItsCells) {
  const std::string mean = Answer(
      "select printf('%.2f', accuracy) from trial join snapshot using (trial_id) where depth = 3 "
      "and seed = 0 and loss = 'blurry' and step = trial.steps");
  EXPECT_THAT(
      Svg({"heat-map", "--x", "loss", "--y", "depth", "--quantity", "accuracy"}),
      AllOf(HasSubstr(">Accuracy at the last step<"), HasSubstr(absl::StrCat(">", mean, "<"))));
}

TEST_F(PlotCommandTest, ItWritesBesideTheDatabaseAndSaysWhere) {
  EXPECT_EQ(Run({"plot", "--db", database_, "--json"}), kExitDone) << err_.text;
  const std::string path = nlohmann::json::parse(out_.Take())["plot"];
  EXPECT_EQ(path, Path("sample.trajectories.svg"));
  EXPECT_GT(std::filesystem::file_size(path), 10000);
}

TEST_F(PlotCommandTest, APngHasTwiceThePixels) {
  const std::string path = Path("chart.png");
  ASSERT_EQ(Run({"plot", "heat-map", "--db", database_, "--width", "500", "--height", "300",
                 "--output", path}),
            kExitDone)
      << err_.text;
  std::ifstream file(path, std::ios::binary);
  const std::string png((std::istreambuf_iterator<char>(file)), {});
  // Width and height stand behind the signature and the first chunk's head.
  ASSERT_EQ(png.substr(1, 3), "PNG");
  EXPECT_EQ(png.substr(16, 8), std::string("\0\0\x03\xe8\0\0\x02\x58", 8));
  EXPECT_FALSE(std::filesystem::exists(path + ".svg.tmp"));
}

TEST_F(PlotCommandTest, WithoutTheProgramThatDrawsPngItSaysWhatToInstall) {
  const std::string before = std::getenv("PATH");
  setenv("PATH", Path("empty").c_str(), 1);
  EXPECT_EQ(Refused({"--output", Path("chart.png")}), kExitFailed);
  setenv("PATH", before.c_str(), 1);
  EXPECT_THAT(LastErrorLine(), HasSubstr("librsvg2-bin"));
}

TEST_F(PlotCommandTest, WhatIsNotThereIsNamedWithWhatIs) {
  EXPECT_EQ(Refused({"heatmap"}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("did you mean `heat-map`?"));
  EXPECT_EQ(Refused({"--where", "widht=3"}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("did you mean `width`?"));
  EXPECT_EQ(Refused({"--where", "depth=4"}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("of depth there is 3, 6"));
  EXPECT_EQ(Refused({"--where", "depth"}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("not FIELD=VALUE"));
  EXPECT_EQ(Refused({"heat-map", "--x", "width"}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("there is depth, loss"));
  EXPECT_EQ(Refused({"--quantity", "acuracy"}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("there is mean_prob, recall"));
  EXPECT_EQ(Refused({"--output", Path("chart.pdf")}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("neither SVG nor PNG"));
  EXPECT_EQ(Refused({"--sweep", "sampel"}), kExitInput);
  EXPECT_THAT(err_.Take(), HasSubstr("sample"));
}

}  // namespace
}  // namespace firstguess
