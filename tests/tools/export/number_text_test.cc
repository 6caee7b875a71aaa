#include "tools/firstguess/export/number_text.h"

#include <cstdlib>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace firstguess {
namespace {

std::string RealText(double value) {
  std::string text;
  AppendReal(value, &text);
  return text;
}

TEST(NumberTextTest, ARealIsNeverTakenForAnInteger) {
  EXPECT_EQ(RealText(1), "1.0");
  EXPECT_EQ(RealText(-0.0), "-0.0");
  EXPECT_EQ(RealText(123456), "123456.0");
  EXPECT_EQ(RealText(0.1), "0.1");
  EXPECT_EQ(RealText(1e30), "1e+30");
}

TEST(NumberTextTest, ARealReadsBackAsTheSame) {
  for (const double value :
       {0.1 + 0.2, 1.0 / 3, std::numeric_limits<double>::denorm_min(),
        std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest()}) {
    EXPECT_EQ(std::strtod(RealText(value).c_str(), nullptr), value);
  }
}

TEST(NumberTextTest, AnInfinityHasAName) {
  EXPECT_EQ(RealText(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(RealText(-std::numeric_limits<double>::infinity()), "-inf");
}

TEST(NumberTextTest, IntegersAreExact) {
  std::string text = "n=";
  AppendInteger(std::numeric_limits<int64_t>::min(), &text);
  EXPECT_EQ(text, "n=-9223372036854775808");
}

}  // namespace
}  // namespace firstguess
