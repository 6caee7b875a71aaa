#include "common/spec/utf8.h"

#include "gtest/gtest.h"

namespace firstguess {
namespace {

TEST(FindInvalidUtf8Test, AcceptsWellFormedText) {
  for (const char* text :
       {"", "abc", "ä€😀", "\u007f\u0080\u07ff\u0800\uffff\U00010000\U0010ffff"}) {
    EXPECT_EQ(FindInvalidUtf8(text), std::nullopt) << text;
  }
}

TEST(FindInvalidUtf8Test, NamesTheFirstBadByte) {
  EXPECT_EQ(FindInvalidUtf8("ab\x80"), 2u);            // a continuation alone
  EXPECT_EQ(FindInvalidUtf8("a\xc3"), 1u);             // cut short
  EXPECT_EQ(FindInvalidUtf8("\xc3("), 0u);             // no continuation
  EXPECT_EQ(FindInvalidUtf8("\xc1\xbf"), 0u);          // overlong, 2 bytes
  EXPECT_EQ(FindInvalidUtf8("\xe0\x9f\xbf"), 0u);      // overlong, 3 bytes
  EXPECT_EQ(FindInvalidUtf8("\xf0\x8f\xbf\xbf"), 0u);  // overlong, 4 bytes
  EXPECT_EQ(FindInvalidUtf8("\xed\xa0\x80"), 0u);      // a surrogate
  EXPECT_EQ(FindInvalidUtf8("\xf4\x90\x80\x80"), 0u);  // beyond U+10FFFF
  EXPECT_EQ(FindInvalidUtf8("\xff"), 0u);
}

TEST(CountCharactersTest, CountsCodePoints) {
  EXPECT_EQ(CountCharacters(""), 0u);
  EXPECT_EQ(CountCharacters("aä€😀"), 4u);
}

TEST(PlaceAtTest, CountsLinesAndBytesFromOne) {
  EXPECT_EQ(PlaceAt("ab\ncd", 0).line, 1);
  EXPECT_EQ(PlaceAt("ab\ncd", 4).line, 2);
  EXPECT_EQ(PlaceAt("ab\ncd", 4).column, 2);
}

}  // namespace
}  // namespace firstguess
