#include "tools/firstguess/report/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firstguess {
namespace {

TEST(Labels, TreatmentNamesLossAndNumbers) {
  EXPECT_EQ(TreatmentLabel("cross_entropy", "{}", 0), "cross-entropy");
  EXPECT_EQ(TreatmentLabel("piecewise_zero", R"({"cutoff":0.05})", 0),
            "piecewise-zero, cutoff 0.05");
}

TEST(Labels, TreatmentLeavesOutDefaultWordsOnly) {
  EXPECT_EQ(TreatmentLabel("blurry", R"({"gamma":0.5,"gradient":"detached"})", 0),
            "blurry, gamma 0.5");
  EXPECT_EQ(TreatmentLabel("blurry", R"({"gamma":0.5,"gradient":"full"})", 0),
            "blurry, gamma 0.5, gradient full");
}

TEST(Labels, TreatmentNamesTheDelay) {
  EXPECT_EQ(TreatmentLabel("piecewise_zero", R"({"cutoff":0.05})", 40),
            "piecewise-zero, cutoff 0.05, from step 40");
}

TEST(Labels, TreatmentOfALossOfALaterVersionIsStillReadable) {
  EXPECT_EQ(TreatmentLabel("new_loss", R"({"alpha":2})", 0), "new-loss, alpha 2");
  EXPECT_EQ(TreatmentLabel("new_loss", "not json", 0), "new-loss, not json");
}

TEST(Labels, LongListsOfValuesBecomeARange) {
  TrialField field{.name = "seed", .values = {}};
  for (int64_t seed = 0; seed < 12; ++seed) field.values.emplace_back(seed);
  EXPECT_EQ(ValuesLabel(field), "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11");
  field.values.emplace_back(int64_t{12});
  EXPECT_EQ(ValuesLabel(field), "0 to 12 (13 values)");
}

TEST(Labels, NumbersKeepTheirDigits) {
  EXPECT_EQ(ValueLabel(0.0005), "0.0005");
  EXPECT_EQ(ValueLabel(1.0), "1");
  EXPECT_EQ(ValueLabel(std::monostate()), "none");
}

TEST(Labels, UnknownDataSetsHaveNumberedClasses) {
  EXPECT_EQ(ClassNames("fashion-mnist", 10)[9], "Ankle boot");
  EXPECT_THAT(ClassNames("blobs", 3), ::testing::ElementsAre("class 0", "class 1", "class 2"));
  EXPECT_EQ(ClassNames("fashion-mnist", 3).size(), 3u) << "names only if they are as many";
}

}  // namespace
}  // namespace firstguess
