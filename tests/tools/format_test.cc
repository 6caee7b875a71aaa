#include "tools/firstguess/format.h"

#include <limits>

#include "gtest/gtest.h"

namespace firstguess {
namespace {

TEST(FormatTest, CountsAreGroupedByThinSpaces) {
  EXPECT_EQ(FormatCount(0), "0");
  EXPECT_EQ(FormatCount(999), "999");
  EXPECT_EQ(FormatCount(1000), "1\u202f000");
  EXPECT_EQ(FormatCount(1234567), "1\u202f234\u202f567");
  EXPECT_EQ(FormatCount(-123456), "-123\u202f456");
  EXPECT_EQ(FormatCount(std::numeric_limits<int64_t>::min()),
            "-9\u202f223\u202f372\u202f036\u202f854\u202f775\u202f808");
}

TEST(FormatTest, OneOfAThingHasNoPlural) {
  EXPECT_EQ(FormatCountOf(0, "trial"), "0 trials");
  EXPECT_EQ(FormatCountOf(1, "trial"), "1 trial");
  EXPECT_EQ(FormatCountOf(2, "trial"), "2 trials");
}

TEST(FormatTest, DurationsNameTheirTwoLargestUnits) {
  EXPECT_EQ(DurationInWords(absl::Milliseconds(430)), "0.4 s");
  EXPECT_EQ(DurationInWords(absl::Seconds(12)), "12 s");
  EXPECT_EQ(DurationInWords(absl::Seconds(125)), "2 min 5 s");
  EXPECT_EQ(DurationInWords(absl::Minutes(192)), "3 h 12 min");
  EXPECT_EQ(DurationInWords(absl::Hours(52)), "2 d 4 h");
}

TEST(FormatTest, DurationsRoundIntoTheNextUnit) {
  EXPECT_EQ(DurationInWords(absl::Seconds(9.96)), "10 s");
  EXPECT_EQ(DurationInWords(absl::Seconds(59.7)), "1 min 0 s");
  EXPECT_EQ(DurationInWords(absl::Seconds(3599.9)), "1 h 0 min");
}

TEST(FormatTest, DurationsAreNeverNegativeAndMayBeEndless) {
  EXPECT_EQ(DurationInWords(absl::Seconds(-3)), "0.0 s");
  EXPECT_EQ(DurationInWords(absl::InfiniteDuration()), "for ever");
}

TEST(FormatTest, BytesHaveThreeFiguresAndDecimalUnits) {
  EXPECT_EQ(FormatBytes(0), "0 B");
  EXPECT_EQ(FormatBytes(999), "999 B");
  EXPECT_EQ(FormatBytes(1250), "1.25 kB");
  EXPECT_EQ(FormatBytes(68'100'000), "68.1 MB");
  EXPECT_EQ(FormatBytes(512'000'000'000), "512 GB");
  EXPECT_EQ(FormatBytes(999'999), "1.00 MB");
}

TEST(FormatTest, SlowRatesAreGivenPerMinuteOrHour) {
  EXPECT_EQ(FormatRate(0), "");
  EXPECT_EQ(FormatRate(3.21), "3.2/s");
  EXPECT_EQ(FormatRate(42), "42/s");
  EXPECT_EQ(FormatRate(21'000), "21\u202f000/s");
  EXPECT_EQ(FormatRate(0.2), "12/min");
  EXPECT_EQ(FormatRate(0.001), "3.6/h");
}

TEST(FormatTest, OnlyAllIsAHundredPercent) {
  EXPECT_EQ(FormatPercent(0, 180), "0 %");
  EXPECT_EQ(FormatPercent(57, 180), "31 %");
  EXPECT_EQ(FormatPercent(999'999, 1'000'000), "99 %");
  EXPECT_EQ(FormatPercent(180, 180), "100 %");
  EXPECT_EQ(FormatPercent(0, 0), "100 %");
}

TEST(FormatTest, WidthCountsCodePointsNotBytes) {
  EXPECT_EQ(DisplayWidth(""), 0);
  EXPECT_EQ(DisplayWidth("width"), 5);
  EXPECT_EQ(DisplayWidth("1\u202f000"), 5);
}

TEST(FormatTest, EastAsianCharactersAndEmojiTakeTwoColumnsAndMarksNone) {
  EXPECT_EQ(DisplayWidth("\u5e45"), 2);              // a Chinese character
  EXPECT_EQ(DisplayWidth("\uac00\uff21"), 4);        // Hangul, a full-width A
  EXPECT_EQ(DisplayWidth("\U0001f680"), 2);          // a rocket
  EXPECT_EQ(DisplayWidth("\u2705 ok"), 5);           // a check mark
  EXPECT_EQ(DisplayWidth("e\u0301"), 1);             // an accent of its own
  EXPECT_EQ(DisplayWidth("\u03b1\u2192\u2026"), 3);  // narrow everywhere
  EXPECT_EQ(DisplayWidth("\xff\xe5\xb9"), 3);        // no UTF-8: bytes
}

TEST(FormatTest, ShortenedWideTextFitsToo) {
  EXPECT_EQ(Shortened("\u5e45\u5e45\u5e45", 6), "\u5e45\u5e45\u5e45");
  EXPECT_EQ(Shortened("\u5e45\u5e45\u5e45", 5), "\u5e45\u5e45\u2026");
  EXPECT_EQ(Shortened("\u5e45\u5e45\u5e45", 4), "\u5e45\u2026");
  EXPECT_EQ(Shortened("\u5e45\u5e45", 1), "\u2026");
}

TEST(FormatTest, ShortenedTextEndsWithAnEllipsisAndNeverCutsACharacter) {
  EXPECT_EQ(Shortened("width", 5), "width");
  EXPECT_EQ(Shortened("width", 4), "wid\u2026");
  EXPECT_EQ(Shortened("width", 1), "\u2026");
  EXPECT_EQ(Shortened("h\u00f6he", 3), "h\u00f6\u2026");
  EXPECT_EQ(Shortened("h\u00f6he", 2), "h\u2026");
}

TEST(FormatTest, ControlCharactersAreMadeVisible) {
  EXPECT_EQ(Visible("a\nb\tc\x1b[2J\x7f"), "a\\nb\\tc\\x1b[2J\\x7f");
  EXPECT_EQ(Visible("h\u00f6he"), "h\u00f6he");
  EXPECT_EQ(Visible("\xc2\x9b"
                    "2J"),
            "\\x9b2J");  // C1: as good as an escape
}

}  // namespace
}  // namespace firstguess
