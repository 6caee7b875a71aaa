#include "common/spec/hint.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace firstguess {
namespace {

const std::vector<absl::string_view> kKnown = {"width", "depth", "learning_rate", "init",
                                               "init_scale"};

TEST(NearestWordTest, FindsSmallSlips) {
  EXPECT_EQ(NearestWord("widht", kKnown), "width");  // swapped
  EXPECT_EQ(NearestWord("dept", kKnown), "depth");   // dropped
  EXPECT_EQ(NearestWord("learning-rate", kKnown), "learning_rate");
  EXPECT_EQ(NearestWord("learningrate", kKnown), "learning_rate");
  EXPECT_EQ(NearestWord("initscale", kKnown), "init_scale");
  EXPECT_EQ(NearestWord("Width", kKnown), "width");
}

TEST(NearestWordTest, SaysNothingAboutOtherWords) {
  EXPECT_EQ(NearestWord("colour", kKnown), "");
  EXPECT_EQ(NearestWord("", kKnown), "");
  EXPECT_EQ(NearestWord(std::string(100000, 'w'), kKnown), "");
}

TEST(HintTest, IsAppendedToAMessage) {
  EXPECT_EQ(Hint("widht", kKnown), " (did you mean `width`?)");
  EXPECT_EQ(Hint("colour", kKnown), "");
}

}  // namespace
}  // namespace firstguess
