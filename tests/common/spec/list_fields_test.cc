#include "common/spec/list_fields.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Message(const absl::StatusOr<std::string>& answer) {
  return std::string(answer.status().message());
}

TEST(ClassSubset, HasOneSpelling) {
  EXPECT_EQ(*CanonicalClasses(" 7, 0,3"), "0,3,7");
  EXPECT_EQ(*CanonicalClasses(""), "");
  EXPECT_THAT(Classes("0,3,7"), ElementsAre(0, 3, 7));
  EXPECT_THAT(Classes(""), IsEmpty());
}

TEST(ClassSubset, SaysWhatIsWrong) {
  EXPECT_EQ(Message(CanonicalClasses("3")), "must have at least two classes");
  EXPECT_EQ(Message(CanonicalClasses("3,4,3")), "has 3 twice");
  EXPECT_THAT(Message(CanonicalClasses("1,cat")), HasSubstr("not `cat`"));
  EXPECT_THAT(Message(CanonicalClasses("1,-2")), HasSubstr("not `-2`"));
  EXPECT_THAT(Message(CanonicalClasses("1,,2")), HasSubstr("not ``"));
}

TEST(NoiseMatrix, HasOneSpelling) {
  EXPECT_EQ(*CanonicalNoiseMatrix("10>1, 5>6:0.50, 5>3:.5, 2>0:1"), "2>0,5>3:0.5,5>6:0.5,10>1");
  const std::vector<NoiseEntry> entries = NoiseMatrix("2>0,5>3:0.5");
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0].from, 2);
  EXPECT_EQ(entries[0].to, 0);
  EXPECT_EQ(entries[0].share, 1);
  EXPECT_EQ(entries[1].share, 0.5);
}

TEST(NoiseMatrix, SaysWhatIsWrong) {
  EXPECT_THAT(Message(CanonicalNoiseMatrix("3>3")), HasSubstr("changes nothing"));
  EXPECT_EQ(Message(CanonicalNoiseMatrix("3>4:0.1,3>4:0.2")), "has 3>4 twice");
  EXPECT_EQ(Message(CanonicalNoiseMatrix("3>4:0.75,3>5:0.5")),
            "has shares of class 3 that add up to 1.25");
  for (const char* wrong : {"3", "3>", "3>4>5", "3>4:0", "3>4:1.5", "3>4:", "a>b", "-1>2"}) {
    EXPECT_THAT(Message(CanonicalNoiseMatrix(wrong)), HasSubstr("class>other")) << wrong;
  }
}

TEST(Groups, HaveOneOrderAndKnownNames) {
  EXPECT_EQ(*CanonicalGroups("sharpness,layers"), "layers,sharpness");
  EXPECT_EQ(*CanonicalGroups(""), "");
  EXPECT_THAT(Message(CanonicalGroups("layer")), HasSubstr("did you mean `layers`?"));
  EXPECT_EQ(Message(CanonicalGroups("noise,noise")), "has noise twice");
  TrialConfig config;
  EXPECT_FALSE(HasGroup(config, "layers"));
  config.groups = "layers,noise";
  EXPECT_TRUE(HasGroup(config, "layers"));
  EXPECT_TRUE(HasGroup(config, "noise"));
  EXPECT_FALSE(HasGroup(config, "logits"));
}

TEST(ConfusionSteps, Rise) {
  EXPECT_EQ(*CanonicalSteps("200, 0,10"), "0,10,200");
  EXPECT_THAT(Steps("0,10"), ElementsAre(0, 10));
  EXPECT_THAT(Message(CanonicalSteps("1.5")), HasSubstr("not `1.5`"));
}

}  // namespace
}  // namespace firstguess
