#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/spec/parsing.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string With(absl::string_view top, absl::string_view grid = "grid: {}\n") {
  return std::string(kHead) + std::string(top) + std::string(grid);
}

TEST(ListFieldTest, IsASequenceOrItsItemsApartByCommas) {
  const Sweep sweep =
      Parsed(With("measure: {groups: [sharpness, layers], probe_size: 100}\n"
                  "class_subset: 7,0,3\n"));
  EXPECT_EQ(sweep.base.groups, "layers,sharpness");
  EXPECT_EQ(sweep.base.class_subset, "0,3,7");
  EXPECT_EQ(Parsed(With("measure: {groups: []}\n")).base.groups, "");
}

TEST(ListFieldTest, OnAnAxisEachValueIsAList) {
  const Sweep sweep = Parsed(With("", "grid: {class_subset: [[0, 1], [3, 2], [0, 1, 2]]}\n"));
  EXPECT_THAT(Values(sweep.grids[0].axes[0].columns()[0]), ElementsAre("0,1", "2,3", "0,1,2"));
  EXPECT_THAT(ErrorsOf(With("", "grid: {class_subset: [[0, 1], [1, 0]]}\n")),
              ElementsAre(HasSubstr("the values of `class_subset` must differ")));
}

TEST(ListFieldTest, ErrorsNameTheirPlace) {
  EXPECT_THAT(
      ErrorsOf(With("class_subset: [0, cat]\n")),
      ElementsAre("4:15: `class_subset` must be a list of classes, from 0 to 999: not `cat`"));
  EXPECT_THAT(ErrorsOf(With("class_subset: [0, [1]]\n")), ElementsAre(HasSubstr("4:19: ")));
  EXPECT_THAT(ErrorsOf(With("measure: {groups: layer}\n")),
              ElementsAre(HasSubstr("4:19: `groups` must be a list of confusion, layers")));
}

TEST(InitConditionTest, SetsItsThreeFields) {
  const Sweep sweep =
      Parsed(With("init_condition: {max_guess: {min: 0.9, max: 0.99}, tries: 7}\n"));
  EXPECT_EQ(sweep.base.init_max_guess_min, 0.9);
  EXPECT_EQ(sweep.base.init_max_guess_max, 0.99);
  EXPECT_EQ(sweep.base.init_tries, 7);
  const Sweep axis = Parsed(With("", "grid: {init_max_guess_min: [0, 0.5]}\n"));
  EXPECT_THAT(Values(axis.grids[0].axes[0].columns()[0]), ElementsAre("0", "0.5"));
}

TEST(InitConditionTest, ErrorsNameTheirPlace) {
  EXPECT_THAT(ErrorsOf(With("init_condition: {max_guess: {min: 0.9, max: 0.5}}\n")),
              ElementsAre("4:35: `max_guess` of `init_condition` must have min <= max"));
  EXPECT_THAT(ErrorsOf(With("init_condition: {max_guess: 0.9}\n")),
              ElementsAre(HasSubstr("`max_guess` must be a map")));
  EXPECT_THAT(ErrorsOf(With("init_condition: {max_gues: {min: 0.9}}\n")),
              ElementsAre(HasSubstr("did you mean `max_guess`?")));
  EXPECT_THAT(ErrorsOf(With("init_condition: {max_guess: {min: 1.5}}\n")),
              ElementsAre("4:35: `init_max_guess_min` must be from 0 to 1, not 1.5"));
  EXPECT_THAT(ErrorsOf(With("init_tries: 5\n")),
              ElementsAre("4:1: `init_tries` belongs under `init_condition`"));
}

TEST(DatasetFieldsTest, ClassesMustExist) {
  EXPECT_THAT(ErrorsOf(With("class_subset: [0, 10]\n")),
              ElementsAre("4:15: `class_subset` has class 10, and fashion-mnist has 10 classes, "
                          "counted from 0"));
  EXPECT_THAT(ErrorsOf(With("class_subset: [0, 1]\nlabel_noise: 0.1\nnoise_kind: matrix\n"
                            "noise_matrix: [1>2]\nmeasure: {probe_size: 100}\n")),
              ElementsAre("7:15: `noise_matrix` has 1>2, and 2 classes are used, counted from 0"));
  EXPECT_THAT(ErrorsOf(With("label_noise: 0.1\nnoise_kind: matrix\n")),
              ElementsAre(HasSubstr("5:13: `noise_kind` matrix needs a `noise_matrix`")));
}

TEST(DatasetFieldsTest, SubsetsAndGeneratedDataHaveFewerExamples) {
  EXPECT_THAT(ErrorsOf(With("class_subset: [0, 1]\nmeasure: {probe_size: 2001}\n")),
              ElementsAre(HasSubstr("is more than the 2000 test examples of fashion-mnist")));
  constexpr absl::string_view kBlobs = "name: s\ndataset: blobs\ntrain: {steps: 10}\ngrid: {}\n";
  EXPECT_THAT(ErrorsOf(kBlobs), IsEmpty());
  EXPECT_THAT(ErrorsOf(std::string(kBlobs) + "data_train_per_class: 10\n"),
              ElementsAre(HasSubstr("is more than the 100 training examples of blobs")));
  EXPECT_THAT(ErrorsOf("name: s\ndataset: npy/birds\ntrain: {steps: 10}\ngrid: {}\n"), IsEmpty());
}

TEST(MeasureFieldsTest, ConfusionStepsAreSnapshots) {
  EXPECT_THAT(ErrorsOf(With("measure: {groups: [confusion], confusion_steps: [0, 11]}\n")),
              ElementsAre("4:49: `confusion_steps` has 11, where no snapshot is taken"));
  EXPECT_EQ(Parsed(With("measure: {groups: [confusion], confusion_steps: [10, 0]}\n"))
                .base.confusion_steps,
            "0,10");
}

}  // namespace
}  // namespace firstguess
