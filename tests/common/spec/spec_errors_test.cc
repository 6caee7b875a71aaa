// One test for each rule of the sweep file that a mistake can break.

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/spec/parsing.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

// The errors of a file that is valid but for `lines`, which start on line 4.
std::vector<std::string> ErrorsWith(absl::string_view lines,
                                    absl::string_view grid = "grid: {}\n") {
  return ErrorsOf(std::string(kHead) + std::string(lines) + std::string(grid));
}

// The errors of a grid with the one axis `axis`, which starts on line 4, column 8.
std::vector<std::string> ErrorsOfAxis(absl::string_view axis) {
  return ErrorsWith("", "grid: {" + std::string(axis) + "}\n");
}

TEST(SpecErrorsTest, FiveMistakesAreListedInFileOrderEachWithItsPlace) {
  EXPECT_THAT(
      ErrorsOf("name: five\n"
               "dataset: fashion-mnist\n"
               "widht: 64\n"
               "train:\n"
               "  steps: 200\n"
               "  optimizer: adma\n"
               "  learning_rate: -0.1\n"
               "measure: {probe_size: 20000}\n"
               "grid:\n"
               "  seed: {range: [4, 0]}\n"),
      ElementsAre(
          "3:1: unknown key `widht` at the top level (did you mean `width`?)",
          "6:14: `optimizer` must be one of sgd, momentum, adam, nesterov, adamw, not `adma` (did "
          "you mean `adam`?)",
          "7:18: `learning_rate` must be at least 0, not -0.1",
          "8:23: `probe_size` 20000 is more than the 10000 test examples of "
          "fashion-mnist",
          "10:17: `range` of `seed` must rise: first <= last, and step >= 1"));
}

TEST(SpecErrorsTest, RequiredFieldsAreMissed) {
  EXPECT_THAT(ErrorsOf("width: 3\n"),
              ElementsAre("1:1: `name` is missing: give the sweep a name",
                          "1:1: `dataset` is missing: say what to train on",
                          "1:1: `steps` is missing: say under `train` how long to train",
                          "1:1: `grid` is missing: list the axes, or write `grid: {}` for a "
                          "single trial"));
  EXPECT_THAT(ErrorsOf("name: s\ndataset: mnist\ntrain: {}\ngrid: {}\n"),
              ElementsAre("3:1: `steps` is missing: say under `train` how long to train"));
}

TEST(SpecErrorsTest, AMisspeltRequiredFieldIsOneMistake) {
  EXPECT_THAT(ErrorsOf("nmae: s\ndataset: mnist\ntrain: {step: 3}\ngird: {}\n"),
              ElementsAre("1:1: unknown key `nmae` at the top level (did you mean `name`?)",
                          "3:9: unknown key `step` under `train` (did you mean `steps`?)",
                          "4:1: unknown key `gird` at the top level (did you mean `grid`?)"));
}

TEST(SpecErrorsTest, AFieldInAnotherSectionIsSentHome) {
  EXPECT_THAT(ErrorsOf("name: s\ndataset: mnist\nsteps: 3\ngrid: {}\n"),
              ElementsAre("3:1: `steps` belongs under `train`"));
  EXPECT_THAT(ErrorsWith("measure: {width: 3, batch_size: 4}\n"),
              ElementsAre("4:11: `width` belongs at the top level",
                          "4:21: `batch_size` belongs under `train`"));
  EXPECT_THAT(ErrorsWith("measure: {priority: 3}\n"),
              ElementsAre("4:11: `priority` belongs at the top level"));
  EXPECT_THAT(ErrorsOfAxis("max_attempts: [1, 2]"),
              ElementsAre("4:8: `max_attempts` is not part of a trial and can't be an axis; it "
                          "belongs at the top level"));
}

TEST(SpecErrorsTest, AFieldBothSetAndOnAnAxis) {
  EXPECT_THAT(ErrorsWith("width: 3\n", "grid: {width: [1, 2], steps: [1, 2]}\n"),
              ElementsAre("5:8: `width` is an axis and also set on line 4: remove one of the two",
                          "5:23: `steps` is an axis and also set on line 3: remove one of the "
                          "two"));
}

TEST(SpecErrorsTest, UnknownKeysGetTheNearestKnownKey) {
  EXPECT_THAT(ErrorsWith("colour: red\n"),
              ElementsAre("4:1: unknown key `colour` at the top level"));
  EXPECT_THAT(ErrorsWith("learning-rate: 1\n"),
              ElementsAre("4:1: unknown key `learning-rate` at the top level (did you mean "
                          "`learning_rate` under `train`?)"));
  EXPECT_THAT(ErrorsWith("pack: {max_trails: 3}\n"),
              ElementsAre("4:8: unknown key `max_trails` in `pack` (did you mean `max_trials`?)"));
  EXPECT_THAT(ErrorsWith("requires: {memroy: 3}\n"),
              ElementsAre("4:12: unknown key `memroy` in `requires` (did you mean `memory`?)"));
  EXPECT_THAT(ErrorsWith("loss: {blurry: {gama: 3}}\n"),
              ElementsAre("4:17: unknown key `gama` in loss blurry (did you mean `gamma`?)"));
}

TEST(SpecErrorsTest, DuplicateKeysNameTheFirst) {
  EXPECT_THAT(ErrorsWith("width: 3\nwidth: 4\n"),
              ElementsAre("5:1: duplicate key `width`, first on line 4"));
  EXPECT_THAT(ErrorsOfAxis("width: [1], width: [2]"),
              ElementsAre("4:20: duplicate key `width`, first on line 4"));
  EXPECT_THAT(ErrorsWith("loss: {blurry: {gamma: 1, gamma: 2}}\n"),
              ElementsAre("4:27: duplicate key `gamma`, first on line 4"));
}

TEST(SpecErrorsTest, IntegersAreDecimalDigitsOnly) {
  EXPECT_THAT(ErrorsWith("width: 010\n"),
              ElementsAre("4:8: `width` must be an integer without leading zeros, not `010`"));
  for (const char* text : {"1e3", "64.0", "0x40", "0o7", "6_4", "true", "six"}) {
    EXPECT_THAT(ErrorsWith("width: " + std::string(text) + "\n"),
                ElementsAre("4:8: `width` must be an integer in decimal digits, not `" +
                            std::string(text) + "`"));
  }
  EXPECT_THAT(ErrorsWith("width: '64'\n"),
              ElementsAre("4:8: `width` must be an integer, not quoted text: remove the quotes"));
  EXPECT_THAT(ErrorsWith("seed: 9007199254740992\n"),
              ElementsAre("4:7: `seed` must be an integer of at most 2^53 - 1, not "
                          "`9007199254740992`"));
}

TEST(SpecErrorsTest, NumbersAreFinite) {
  for (const char* text : {".nan", ".NaN", ".inf", "-.inf", "nan", "+inf"}) {
    EXPECT_THAT(
        ErrorsWith("init_scale: " + std::string(text) + "\n"),
        ElementsAre("4:13: `init_scale` must be a finite number, not `" + std::string(text) + "`"));
  }
  EXPECT_THAT(ErrorsWith("init_scale: 1e999\n"),
              ElementsAre("4:13: `init_scale` must be a number that binary64 can hold, not "
                          "`1e999`"));
  EXPECT_THAT(ErrorsWith("init_scale: 01.5\n"),
              ElementsAre("4:13: `init_scale` must be a number, not `01.5`"));
}

TEST(SpecErrorsTest, ValuesStayWithinTheirLimits) {
  EXPECT_THAT(ErrorsWith("width: 0\n"), ElementsAre("4:8: `width` must be from 1 to 65536, not 0"));
  EXPECT_THAT(ErrorsWith("label_noise: 1.5\n"),
              ElementsAre("4:14: `label_noise` must be from 0 to 1, not 1.5"));
  EXPECT_THAT(ErrorsWith("class_imbalance: 0.5\n"),
              ElementsAre("4:18: `class_imbalance` must be at least 1, not 0.5"));
  EXPECT_THAT(
      ErrorsWith("init: xavier\n"),
      ElementsAre("4:7: `init` must be one of he, lecun, glorot, torch, orthogonal, not `xavier`"));
  EXPECT_THAT(ErrorsWith("loss: {piecewise_zero: {cutoff: 2}}\n"),
              ElementsAre("4:33: `cutoff` must be from 0 to 1, not 2"));
  EXPECT_THAT(ErrorsWith("pack: {max_trials: 0}\n"),
              ElementsAre("4:20: `max_trials` must be from 1 to 4096, not 0"));
}

TEST(SpecErrorsTest, EveryValueOfAnAxisIsChecked) {
  EXPECT_THAT(ErrorsOfAxis("width: [0, 64, x, 65537]"),
              ElementsAre("4:16: `width` must be from 1 to 65536, not 0",
                          "4:23: `width` must be an integer in decimal digits, not `x`",
                          "4:26: `width` must be from 1 to 65536, not 65537"));
  EXPECT_THAT(ErrorsOfAxis("width: {range: [1, 70000, 2]}"),
              ElementsAre("4:23: `width` must be from 1 to 65536, not 69999"));
  EXPECT_THAT(ErrorsOfAxis("label_noise: {linspace: [0, 2, 5]}"),
              ElementsAre("4:32: `label_noise` must be from 0 to 1, not 1.5"));
  EXPECT_THAT(ErrorsOfAxis("width: {geomspace: [1, 8, 3]}"),
              ElementsAre("4:27: `width` must be an integer, and these values have 2.82842712475 "
                          "among them"));
}

TEST(SpecErrorsTest, ValuesOfAnAxisDiffer) {
  EXPECT_THAT(ErrorsOfAxis("width: [64, 32, 64]"),
              ElementsAre("4:24: the values of `width` must differ: 64 is there twice"));
  EXPECT_THAT(ErrorsOfAxis("init_scale: [1, 1.0]"),
              ElementsAre("4:24: the values of `init_scale` must differ: 1 is there twice"));
  EXPECT_THAT(ErrorsOfAxis("bias_scale: [0, -0.0]"),
              ElementsAre("4:24: the values of `bias_scale` must differ: 0 is there twice"));
  EXPECT_THAT(ErrorsOfAxis("init_scale: {linspace: [1, 1, 2]}"),
              ElementsAre("4:31: the values of `init_scale` must differ: 1 is there twice"));
  EXPECT_THAT(ErrorsOfAxis("loss: [blurry, {blurry: {gamma: 0.5}}]"),
              ElementsAre("4:23: the values of `loss` must differ: blurry(gamma=0.5, "
                          "gradient=detached) is there twice"));
}

TEST(SpecErrorsTest, AnAxisIsAListOrASpacing) {
  EXPECT_THAT(ErrorsOfAxis("width: 64"),
              ElementsAre("4:15: the values of `width` must be a list: [a, b, ...]"));
  EXPECT_THAT(ErrorsOfAxis("width: []"), ElementsAre("4:15: `width` has an empty list of values"));
  EXPECT_THAT(ErrorsOfAxis("width: {rnage: [1, 2]}"),
              ElementsAre("4:16: the values of `width` must be a list, or one of range, linspace, "
                          "geomspace, not `rnage` (did you mean `range`?)"));
  EXPECT_THAT(ErrorsOfAxis("width: {}"),
              ElementsAre("4:15: the values of `width` must be a list, or one of range, linspace, "
                          "geomspace"));
  EXPECT_THAT(ErrorsOfAxis("width: [[1, 2]]"),
              ElementsAre("4:16: `width` takes one value here, an integer; several values belong "
                          "under `grid`"));
  EXPECT_THAT(ErrorsOfAxis("spacing: {range: [1, 2]}"),
              ElementsAre("4:18: `range` is for numbers, and `spacing` is a word: list its "
                          "values"));
  EXPECT_THAT(ErrorsOfAxis("loss: blurry"),
              ElementsAre("4:14: the values of `loss` must be a list of losses"));
  EXPECT_THAT(ErrorsOfAxis("loss: []"),
              ElementsAre("4:14: the values of `loss` must be a list of losses"));
}

TEST(SpecErrorsTest, RangesAreRisingIntegers) {
  const std::string form =
      "4:22: `range` of `seed` must be [first, last] or [first, last, step], "
      "in integers";
  for (const char* range : {"[1]", "[1, 2, 3, 4]", "[0.5, 2]", "[a, b]", "['1', '2']", "5", "{}"}) {
    EXPECT_THAT(ErrorsOfAxis("seed: {range: " + std::string(range) + "}"), ElementsAre(form))
        << range;
  }
  const std::string rise = "4:22: `range` of `seed` must rise: first <= last, and step >= 1";
  for (const char* range : {"[4, 0]", "[0, 4, 0]", "[0, 4, -1]"}) {
    EXPECT_THAT(ErrorsOfAxis("seed: {range: " + std::string(range) + "}"), ElementsAre(rise))
        << range;
  }
}

TEST(SpecErrorsTest, SpacingsHaveTwoEndsAndACount) {
  for (const char* spacing : {"[0, 1]", "[0, 1, 1]", "[0, 1, 2.5]", "[0, .inf, 3]", "7"}) {
    EXPECT_THAT(ErrorsOfAxis("init_scale: {linspace: " + std::string(spacing) + "}"),
                ElementsAre("4:31: `linspace` of `init_scale` must be [from, to, count] in finite "
                            "numbers, with count >= 2"))
        << spacing;
  }
  EXPECT_THAT(ErrorsOfAxis("init_scale: {geomspace: [0, 1, 3]}"),
              ElementsAre("4:32: `geomspace` of `init_scale` needs end points above 0"));
}

TEST(SpecErrorsTest, LossesAreNamesOrOneNameWithParameters) {
  EXPECT_THAT(
      ErrorsWith("loss: blury\n"),
      ElementsAre(StartsWith("4:7: unknown loss `blury` (did you mean `blurry`?); known are "
                             "cross_entropy, blurry, piecewise_zero, ")));
  EXPECT_THAT(ErrorsWith("loss: {blurry: {gamma: [1, 2]}}\n"),
              ElementsAre("4:24: `gamma` takes one value here, a number; several values belong "
                          "under `grid`"));
  EXPECT_THAT(ErrorsWith("loss: {blurry: {}, cross_entropy: {}}\n"),
              ElementsAre("4:7: a loss must be a name, or one name with its parameters, such as "
                          "`blurry: {gamma: 0.3}`"));
  EXPECT_THAT(ErrorsWith("", "grid:\n  loss:\n    - blurry:\n"),
              ElementsAre("6:7: the parameters of loss blurry must be a map; without any, write "
                          "the name alone"));
  EXPECT_THAT(ErrorsOfAxis("loss: [{blurry: {gamma: [-1, 1], gradient: fll}}, hinge]"),
              ElementsAre("4:33: `gamma` must be at least 0, not -1",
                          "4:51: `gradient` must be one of detached, full, not `fll` (did you mean "
                          "`full`?)",
                          StartsWith("4:58: unknown loss `hinge`; known are cross_entropy, ")));
  EXPECT_THAT(ErrorsOfAxis("loss: [{taylor_ce: {t: [2, 2.5]}}, {sce: {A: 1}}]"),
              ElementsAre("4:35: `t` must be an integer, not 2.5",
                          "4:53: `A` must be from -1000 to 0, not 1"));
}

TEST(SpecErrorsTest, OneValueWhereOneIsDue) {
  EXPECT_THAT(ErrorsWith("width: [1, 2]\n"),
              ElementsAre("4:8: `width` takes one value here, an integer; several values belong "
                          "under `grid`"));
  EXPECT_THAT(ErrorsWith("width:\ndepth: ~\n"),
              ElementsAre("4:1: `width` has no value: it must be an integer",
                          "5:1: `depth` has no value: it must be an integer"));
}

TEST(SpecErrorsTest, NamesAreShortPrintableText) {
  const std::string rest = "\ndataset: mnist\ntrain: {steps: 1}\ngrid: {}\n";
  const std::string wrong =
      "1:7: `name` must have 1 to 128 characters, none of them control characters";
  EXPECT_THAT(ErrorsOf("name: ''" + rest), ElementsAre(wrong));
  EXPECT_THAT(ErrorsOf("name: " + std::string(129, 'x') + rest), ElementsAre(wrong));
  EXPECT_THAT(ErrorsOf("name: \"a\\nb\"" + rest), ElementsAre(wrong));
  EXPECT_THAT(ErrorsOf("name: \"a\\x85\"" + rest), ElementsAre(wrong));
  EXPECT_THAT(ErrorsOf("name: a/b" + rest), ElementsAre("1:7: `name` must not contain /"));
  std::string longest;
  for (int i = 0; i < 128; ++i) longest += "€";
  EXPECT_THAT(ErrorsOf("name: " + longest + rest), IsEmpty());
}

TEST(SpecErrorsTest, RequirementsAreChecked) {
  EXPECT_THAT(ErrorsWith("requires: {device: gpu, device_name: '', memory: 16GB, labels: x}\n"),
              ElementsAre("4:20: `device` must be cpu or cuda, not `gpu`",
                          "4:38: `device_name` must have 1 to 128 characters, none of them control "
                          "characters",
                          "4:50: `memory` must be bytes, such as 17179869184 or 16GiB, not `16GB`",
                          "4:64: `labels` must be a list of words"));
  EXPECT_THAT(ErrorsWith("requires: cuda\n"),
              ElementsAre("4:11: `requires` must be a map of keys to values"));
}

TEST(SpecErrorsTest, ABatchFitsInTheTrainingExamples) {
  EXPECT_THAT(ErrorsOf("name: s\ndataset: mnist\ntrain: {steps: 1, batch_size: 60001}\ngrid: {}\n"),
              ElementsAre("3:31: `batch_size` 60001 is more than the 60000 training examples of "
                          "mnist"));
  // The worst case over the axes: the largest batch at the largest imbalance, in each data set.
  EXPECT_THAT(ErrorsOf("name: s\ntrain: {steps: 1}\ngrid:\n"
                       "  dataset: [mnist, fashion-mnist]\n"
                       "  class_imbalance: [1, 100, 10]\n"
                       "  batch_size: [64, 15000, 128]\n"),
              ElementsAre("6:15: `batch_size` 15000 is more than the 14886 training examples of "
                          "fashion-mnist that `class_imbalance` 100 leaves"));
  EXPECT_THAT(ErrorsOf("name: s\ndataset: cifar-10\ntrain: {steps: 1, batch_size: 50001}\n"
                       "grid: {}\n"),
              ElementsAre("3:31: `batch_size` 50001 is more than the 50000 training examples of "
                          "cifar-10"));
  // Where the file does not name the batch size, the place is what makes it too large.
  EXPECT_THAT(ErrorsOf("name: s\ntrain: {steps: 1}\ndataset: mnist\ngrid:\n"
                       "  batch_size: {range: [1, 60001, 60000]}\n"),
              ElementsAre("5:15: `batch_size` 60001 is more than the 60000 training examples of "
                          "mnist"));
}

TEST(SpecErrorsTest, TheProbeSetFitsInTheTestExamples) {
  EXPECT_THAT(ErrorsOfAxis("probe_size: [1, 10000, 10001]"),
              ElementsAre("4:20: `probe_size` 10001 is more than the 10000 test examples of "
                          "fashion-mnist"));
}

TEST(SpecErrorsTest, AGridHasATrillionCellsAtMost) {
  EXPECT_THAT(ErrorsWith("",
                         "grid: {seed: {range: [1, 1000000]}, data_seed: {range: [1, "
                         "1000000]}}\n"),
              IsEmpty());
  EXPECT_THAT(ErrorsWith("",
                         "grid: {seed: {range: [1, 1000000]}, data_seed: {range: [0, "
                         "1000000]}}\n"),
              ElementsAre("4:1: `grid` has more than 10^12 cells"));
  // Far beyond what 64 bits can count.
  EXPECT_THAT(ErrorsWith("",
                         "grid: {seed: {range: [0, 9007199254740990]}, data_seed: {range: [0, "
                         "9007199254740990]}}\n"),
              ElementsAre("4:1: `grid` has more than 10^12 cells"));
}

TEST(SpecErrorsTest, AxesListAMillionValuesAtMost) {
  EXPECT_THAT(ErrorsOfAxis("init_scale: {linspace: [0, 1, 1000001]}"),
              ElementsAre("4:31: a sweep lists at most 1000000 values (ranges of integers not "
                          "counted)"));
}

TEST(SpecErrorsTest, SectionsAreMaps) {
  EXPECT_THAT(ErrorsWith("measure: fast\n", "grid: 3\n"),
              ElementsAre("4:10: `measure` must be a map of keys to values",
                          "5:7: `grid` must be a map of keys to values"));
  EXPECT_THAT(ErrorsOf(""), ElementsAre("1:1: the file is empty"));
  EXPECT_THAT(ErrorsOf("# nothing\n"), ElementsAre("1:1: the file is empty"));
  EXPECT_THAT(ErrorsOf("- name\n"), ElementsAre("1:1: a sweep file must be a map of keys"));
}

TEST(SpecErrorsTest, TextFromTheFileIsShownShortAndClean) {
  EXPECT_THAT(
      ErrorsWith("? \"a\\x01\\e" + std::string(100, 'x') + "\"\n: 1\n"),
      ElementsAre("4:3: unknown key `a??" + std::string(57, 'x') + "...` at the top level"));
}

TEST(SpecErrorsTest, ErrorsBeyondAThousandAreCounted) {
  std::string text(kHead);
  for (int i = 0; i < 1100; ++i) text += "unknownkey" + std::to_string(i) + ": 1\n";
  const std::vector<std::string> errors = ErrorsOf(text + "grid: {}\n");
  ASSERT_EQ(errors.size(), 1001u);
  EXPECT_EQ(errors.back(), "1003:1: and 100 more errors");
}

}  // namespace
}  // namespace firstguess
