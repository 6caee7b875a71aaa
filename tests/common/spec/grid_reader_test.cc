// zip, lists of grids, exclude and sample, as they are written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/common/spec/parsing.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Sweep SweepWith(absl::string_view lines) { return Parsed(std::string(kHead) + std::string(lines)); }

std::vector<std::string> MistakesIn(absl::string_view lines) {
  return ErrorsOf(std::string(kHead) + std::string(lines));
}

TEST(ZipTest, RunsItsFieldsTogetherAsOneAxis) {
  const Sweep sweep = SweepWith(
      "grid:\n"
      "  seed: {range: [0, 1]}\n"
      "  zip: {width: [32, 64, 64], learning_rate: {geomspace: [0.01, 1, 3]}}\n"
      "  depth: [1, 2]\n");
  ASSERT_EQ(sweep.grids.size(), 1u);
  const std::vector<Axis>& axes = sweep.grids[0].axes;
  ASSERT_EQ(axes.size(), 3u);
  ASSERT_EQ(axes[1].columns().size(), 2u);
  EXPECT_EQ(axes[1].columns()[0].field(), "width");
  EXPECT_THAT(Values(axes[1].columns()[1]), ElementsAre("0.01", "0.1", "1"));
  EXPECT_EQ(sweep.raw_cells(), 12u);
}

TEST(ZipTest, MayBeThereMoreThanOnce) {
  const Sweep sweep = SweepWith(
      "grid:\n"
      "  zip:\n"
      "    - {width: [32, 64], depth: [1, 2]}\n"
      "    - {seed: {range: [0, 99]}, data_seed: {range: [0, 99]}}\n");
  EXPECT_EQ(sweep.raw_cells(), 200u);
}

TEST(ZipTest, WhatCannotRunTogetherIsSaid) {
  EXPECT_THAT(MistakesIn("grid: {zip: {width: [32, 64], depth: [1, 2, 3]}}\n"),
              ElementsAre("4:8: `zip` runs its fields together, so they need as many values each: "
                          "`width` has 2, `depth` has 3"));
  EXPECT_THAT(MistakesIn("grid: {zip: {width: [32, 64, 32], depth: [1, 2, 1]}}\n"),
              ElementsAre("4:8: the positions of `zip` must differ: width 32, depth 1 is there "
                          "twice"));
  EXPECT_THAT(MistakesIn("grid: {zip: {seed: {range: [0, 100000]}, data_seed: {range: [1, "
                         "100001]}}}\n"),
              ElementsAre("4:8: `zip` has 100001 positions: at most 100000 may run together"));
  EXPECT_THAT(MistakesIn("grid: {width: [1, 2], zip: {width: [3, 4], depth: [1, 2]}}\n"),
              ElementsAre("4:29: `width` is on two axes, first on line 4"));
  EXPECT_THAT(MistakesIn("grid: {zip: {}}\n"),
              ElementsAre("4:8: `zip` is empty: list the fields that run together"));
  EXPECT_THAT(MistakesIn("grid: {zip: [[1, 2]]}\n"),
              ElementsAre("4:14: `zip` must be a map of keys to values"));
  EXPECT_THAT(MistakesIn("grid: {zip: {widht: [1, 2]}}\n"),
              ElementsAre("4:14: unknown key `widht` under `grid` (did you mean `width`?)"));
}

TEST(ZipTest, ChecksSeeItsPositionsAndNoOtherCombinations) {
  // A batch of 2 is too small for batch normalisation only where there is one.
  EXPECT_THAT(MistakesIn("grid: {zip: {norm: [none, batch_norm], batch_size: [1, 128]}}\n"),
              IsEmpty());
  EXPECT_THAT(MistakesIn("grid: {zip: {norm: [none, batch_norm], batch_size: [128, 1]}}\n"),
              ElementsAre(::testing::HasSubstr("`batch_size` must be at least 2")));
}

TEST(GridListTest, IsAUnionOfGrids) {
  const Sweep sweep = SweepWith(
      "width: 16\n"
      "grid:\n"
      "  - {width: [32, 64], seed: {range: [0, 4]}}\n"
      "  - {depth: [1, 2, 3]}\n"
      "  - {}\n");
  ASSERT_EQ(sweep.grids.size(), 3u);
  EXPECT_EQ(sweep.raw_cells(), 14u);
  EXPECT_EQ(sweep.base.width, 16);
}

TEST(GridListTest, OfOneIsThatGrid) {
  EXPECT_EQ(SweepWith("grid: [{width: [32, 64]}]\n").canonical,
            SweepWith("grid: {width: [32, 64]}\n").canonical);
  EXPECT_NE(SweepWith("grid: [{width: [32]}, {width: [64]}]\n").canonical,
            SweepWith("grid: {width: [32, 64]}\n").canonical);
}

TEST(GridListTest, AFieldIsSetForTheGridsThatHaveItOnNoAxis) {
  EXPECT_THAT(MistakesIn("width: 16\ngrid: [{width: [32]}, {width: [64], depth: [1]}]\n"),
              ElementsAre("5:9: `width` is an axis and also set on line 4: remove one of the two"));
  EXPECT_THAT(ErrorsOf("name: s\ntrain: {steps: 10}\n"
                       "grid: [{dataset: [mnist]}, {width: [1]}]\n"),
              ElementsAre("3:9: `dataset` is an axis of this grid and missing in another: say what "
                          "to train on"));
  EXPECT_NE(SweepWith("width: 16\ngrid: [{width: [32]}, {depth: [1]}]\n").canonical,
            SweepWith("width: 17\ngrid: [{width: [32]}, {depth: [1]}]\n").canonical);
}

TEST(GridListTest, CellsOfAllGridsAreChecked) {
  EXPECT_THAT(MistakesIn("grid:\n  - {width: [1]}\n  - {probe_size: [20000]}\n"),
              ElementsAre("6:18: `probe_size` 20000 is more than the 10000 test examples of "
                          "fashion-mnist"));
  EXPECT_THAT(MistakesIn("grid: []\n"),
              ElementsAre("4:7: `grid` is an empty list: write {} for a single trial"));
  EXPECT_THAT(MistakesIn("grid: [3]\n"), ElementsAre("4:8: each of the list under `grid` must be a "
                                                     "map of keys to values"));
  EXPECT_THAT(MistakesIn("grid: [{seed: {range: [1, 600000000000]}}, "
                         "{seed: {range: [1, 600000000000]}}]\n"),
              ElementsAre("4:1: `grid` has more than 10^12 cells"));
}

TEST(ExcludeTest, MatchesInPart) {
  const Sweep sweep = SweepWith(
      "grid:\n"
      "  width: [32, 64, 128]\n"
      "  loss: [cross_entropy, {blurry: {gamma: [0.3, 0.5], gradient: [full, detached]}}]\n"
      "exclude:\n"
      "  - {width: 128, loss: {blurry: {gamma: 0.3}}}\n"
      "  - {width: [32, 64], loss: [cross_entropy, {blurry: {gradient: full}}]}\n"
      "  - {loss: blurry}\n");
  ASSERT_EQ(sweep.excludes.size(), 3u);
  EXPECT_THAT(
      Values(sweep.excludes[0].columns[1]),
      ElementsAre("blurry(gamma=0.3, gradient=full)", "blurry(gamma=0.3, gradient=detached)"));
  EXPECT_THAT(Values(sweep.excludes[1].columns[0]), ElementsAre("32", "64"));
  EXPECT_EQ(sweep.excludes[1].columns[1].size(), 3u);
  EXPECT_EQ(sweep.excludes[2].columns[0].size(), 4u);
}

TEST(ExcludeTest, MayStandBeforeTheGridAndCounts) {
  EXPECT_EQ(SweepWith("exclude: [{width: 32}]\ngrid: {width: [32, 64]}\n").canonical,
            SweepWith("grid: {width: [32, 64]}\nexclude: [{width: [32]}]\n").canonical);
  EXPECT_NE(SweepWith("grid: {width: [32, 64]}\n").canonical,
            SweepWith("grid: {width: [32, 64]}\nexclude: [{width: 32}]\n").canonical);
}

TEST(ExcludeTest, WhatMatchesNothingIsAMistake) {
  const auto errors = [](absl::string_view exclude) {
    return MistakesIn("grid: {width: [32, 64], loss: [blurry]}\nexclude: " + std::string(exclude) +
                      "\n");
  };
  EXPECT_THAT(errors("[{width: 33}]"),
              ElementsAre("5:19: `exclude` names `width` 33, which no axis has"));
  EXPECT_THAT(errors("[{depth: 3}]"),
              ElementsAre("5:12: `exclude` names `depth`, which is on no axis of `grid`"));
  EXPECT_THAT(errors("[{loss: {blurry: {gamma: 0.3}}}]"),
              ElementsAre("5:18: `exclude` names a loss that no axis has"));
  EXPECT_THAT(errors("[{widht: 32}]"),
              ElementsAre("5:12: unknown key `widht` under `grid` (did you mean `width`?)"));
  EXPECT_THAT(errors("[{}]"), ElementsAre("5:11: an empty entry of `exclude` would leave no cell"));
  EXPECT_THAT(errors("{width: 32}"),
              ElementsAre("5:10: `exclude` must be a list, such as [{width: 128, depth: 4}]"));
  EXPECT_THAT(errors("[width]"),
              ElementsAre("5:11: each of `exclude` must be a map of fields to values"));
  std::string many = "[";
  for (int i = 0; i < 65; ++i) many += "{width: 32},";
  EXPECT_THAT(errors(many + "]"), ElementsAre("5:10: `exclude` has 65 entries: at most 64 are "
                                              "allowed; one may list several values"));
}

TEST(SampleTest, HasDefaultsAndCounts) {
  const Sweep sweep = SweepWith("grid: {seed: {range: [0, 99]}}\nsample: {count: 10}\n");
  ASSERT_TRUE(sweep.sample.has_value());
  EXPECT_EQ(*sweep.sample, (Sample{.count = 10, .method = Sample::Method::kRandom, .seed = 0}));
  EXPECT_EQ(SweepWith("grid: {seed: {range: [0, 99]}}\n"
                      "sample: {count: 10, method: sobol, seed: 3}\n")
                .sample->method,
            Sample::Method::kSobol);
  EXPECT_NE(SweepWith("grid: {seed: {range: [0, 99]}}\nsample: {count: 11}\n").canonical,
            sweep.canonical);
}

TEST(SampleTest, WhatCannotBeDrawnIsSaid) {
  const auto errors = [](absl::string_view sample) {
    return MistakesIn("grid: {seed: {range: [0, 99]}}\nsample: " + std::string(sample) + "\n");
  };
  EXPECT_THAT(errors("{count: 101}"),
              ElementsAre("5:1: `sample` asks for 101 of 100 cells: ask for fewer, or leave it out "
                          "to have all"));
  EXPECT_THAT(errors("{method: random}"),
              ElementsAre("5:9: `sample` needs a `count`: how many cells to draw"));
  EXPECT_THAT(errors("{count: 0}"), ElementsAre("5:17: `count` must be from 1 to 1000000, not 0"));
  EXPECT_THAT(errors("{count: 3, method: sobl}"),
              ElementsAre("5:28: `method` must be one of random, sobol, not `sobl` (did you mean "
                          "`sobol`?)"));
  EXPECT_THAT(errors("{cuont: 3, count: 2}"),
              ElementsAre("5:10: unknown key `cuont` in `sample` (did you mean `count`?)"));
  EXPECT_THAT(MistakesIn("grid: [{seed: [1, 2]}, {width: [1, 2]}]\n"
                         "sample: {count: 2, method: sobol}\n"),
              ElementsAre("5:1: `sample` with `method` sobol needs a single grid: use random"));
}

TEST(SweepFilesPage, EveryExampleIsValid) {
  std::ifstream file(absl::StrCat(FIRSTGUESS_SOURCE_DIR, "/docs/sweep-files.md"));
  std::stringstream page;
  page << file.rdbuf();
  const std::vector<std::string> parts = absl::StrSplit(page.str(), "```yaml\n");
  ASSERT_GT(parts.size(), 6u);
  std::vector<std::string> sizes;
  for (size_t i = 1; i < parts.size(); ++i) {
    const Sweep sweep = Parsed(parts[i].substr(0, parts[i].find("```")));
    sizes.push_back(absl::StrCat(sweep.name, " ", sweep.raw_cells()));
  }
  EXPECT_THAT(sizes, ElementsAre("first-guess 720", "scaled 3", "replicates 20", "two-lines 130",
                                 "without-the-largest 72", "spread 7953000"));
}

}  // namespace
}  // namespace firstguess
