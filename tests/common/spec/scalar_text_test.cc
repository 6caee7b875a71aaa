#include "common/spec/scalar_text.h"

#include "gtest/gtest.h"

namespace firstguess {
namespace {

TEST(ParseIntegerTest, TakesDecimalDigits) {
  EXPECT_EQ(*ParseInteger("0"), 0);
  EXPECT_EQ(*ParseInteger("+7"), 7);
  EXPECT_EQ(*ParseInteger("-12"), -12);
  EXPECT_EQ(*ParseInteger("9007199254740991"), 9007199254740991);
  for (const char* text : {"", "-", "+-1", "00", "-01", "1 ", " 1", "1.", "9007199254740992",
                           "-9007199254740992", "99999999999999999999999"}) {
    EXPECT_FALSE(ParseInteger(text).ok()) << text;
  }
}

TEST(ParseRealTest, TakesDecimalNumbers) {
  EXPECT_EQ(*ParseReal("0.05"), 0.05);
  EXPECT_EQ(*ParseReal(".5"), 0.5);
  EXPECT_EQ(*ParseReal("5."), 5);
  EXPECT_EQ(*ParseReal("+1e-3"), 1e-3);
  EXPECT_EQ(*ParseReal("-2.5E+1"), -25);
  EXPECT_EQ(*ParseReal("1e05"), 1e5);
  EXPECT_EQ(*ParseReal("64"), 64);
  for (const char* text : {"", ".", "e5", "1e", "1e+", "0x1p3", "1,5", "1_0", "--1", "+-1", "007",
                           "1e400", "1e-400", "infinity", "1 "}) {
    EXPECT_FALSE(ParseReal(text).ok()) << text;
  }
}

TEST(ParseBytesTest, TakesBinaryUnits) {
  EXPECT_EQ(*ParseBytes("1000"), 1000);
  EXPECT_EQ(*ParseBytes("2KiB"), 2048);
  EXPECT_EQ(*ParseBytes("512MiB"), 512 << 20);
  EXPECT_EQ(*ParseBytes("16GiB"), int64_t{16} << 30);
  EXPECT_EQ(*ParseBytes("8191TiB"), int64_t{8191} << 40);
  for (const char* text : {"", "GiB", "-1", "16GB", "1.5GiB", "16 GiB", "8192TiB"}) {
    EXPECT_FALSE(ParseBytes(text).ok()) << text;
  }
}

}  // namespace
}  // namespace firstguess
