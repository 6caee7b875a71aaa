#include "common/spec/canonical_json.h"

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace firstguess {
namespace {

std::string Number(double value) {
  std::string text;
  AppendJsonNumber(value, &text);
  return text;
}

std::string String(absl::string_view value) {
  std::string text;
  AppendJsonString(value, &text);
  return text;
}

// RFC 8785, appendix B, and the borders of ECMAScript's four layouts.
TEST(AppendJsonNumberTest, WritesNumbersAsEcmaScriptDoes) {
  EXPECT_EQ(Number(0), "0");
  EXPECT_EQ(Number(-0.0), "0");
  EXPECT_EQ(Number(1), "1");
  EXPECT_EQ(Number(-1.5), "-1.5");
  EXPECT_EQ(Number(5e-324), "5e-324");
  EXPECT_EQ(Number(-5e-324), "-5e-324");
  EXPECT_EQ(Number(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(Number(9007199254740992), "9007199254740992");
  EXPECT_EQ(Number(295147905179352830000.0), "295147905179352830000");
  EXPECT_EQ(Number(9.999999999999997e22), "9.999999999999997e+22");
  EXPECT_EQ(Number(1e23), "1e+23");
  EXPECT_EQ(Number(999999999999999900000.0), "999999999999999900000");
  EXPECT_EQ(Number(1e21), "1e+21");
  EXPECT_EQ(Number(333333333.3333332), "333333333.3333332");
  EXPECT_EQ(Number(0.000001), "0.000001");
  EXPECT_EQ(Number(0.0000001), "1e-7");
  EXPECT_EQ(Number(1.25e-7), "1.25e-7");
  EXPECT_EQ(Number(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(Number(100), "100");
}

TEST(AppendJsonNumberTest, ReadsBackAsTheSameDouble) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20000; ++i) {
    const uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof(value));
    if (!std::isfinite(value) || value == 0) continue;
    const std::string text = Number(value);
    double back = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), back);
    ASSERT_EQ(result.ptr, text.data() + text.size()) << text;
    ASSERT_EQ(back, value) << text;
  }
}

TEST(AppendJsonStringTest, EscapesOnlyWhatMustBe) {
  EXPECT_EQ(String("plain"), R"("plain")");
  EXPECT_EQ(String("\"\\/"), R"("\"\\/")");
  EXPECT_EQ(String("\b\t\n\f\r"), R"("\b\t\n\f\r")");
  EXPECT_EQ(String(std::string("\0\x1f", 2)), R"("\u0000\u001f")");
  EXPECT_EQ(String("größe €\x7f"), "\"größe €\x7f\"");
}

TEST(CanonicalTextTest, HasNoWhiteSpaceAndSortedKeys) {
  const auto value = nlohmann::json::parse(R"( { "b" : [ 1 , 2.50, "x", true, null ],
                                                 "a" : { "d" : {}, "c" : [] } } )");
  EXPECT_EQ(CanonicalText(value), R"({"a":{"c":[],"d":{}},"b":[1,2.5,"x",true,null]})");
}

// RFC 8785, section 3.2.3: a surrogate pair sorts before U+FB33, though its UTF-8 sorts after.
TEST(CanonicalTextTest, SortsKeysByUtf16CodeUnits) {
  nlohmann::json value;
  for (const char* key : {"\u20ac", "\r", "\ufb33", "1", "\U0001F600", "\u0080", "\u00f6"}) {
    value[key] = 0;
  }
  EXPECT_EQ(CanonicalText(value),
            "{\"\\r\":0,\"1\":0,\"\u0080\":0,\"\u00f6\":0,\"\u20ac\":0,\"\U0001F600\":0,"
            "\"\ufb33\":0}");
}

}  // namespace
}  // namespace firstguess
