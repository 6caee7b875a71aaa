#include "tools/firstguess/progress.h"

#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/tools/fake_terminal.h"
#include "tools/firstguess/format.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

SweepNumbers Numbers(int64_t done, int64_t cells = 180) {
  SweepNumbers numbers;
  numbers.name = "first-guess";
  numbers.state = done == cells ? "done" : "running";
  numbers.cells = cells;
  numbers.done = done;
  numbers.leased = done == cells ? 0 : 2;
  numbers.pending = cells - done - numbers.leased;
  numbers.trials_per_second = 1.4;
  if (done != cells) numbers.remaining_seconds = 88;
  return numbers;
}

Watched One(const SweepNumbers& numbers) { return {.sweeps = {numbers}, .around = std::nullopt}; }

class ProgressTest : public testing::Test {
 protected:
  FakeTerminal terminal_;
  SimulatedClock clock_;
};

TEST_F(ProgressTest, TheLineIsRedrawnInPlaceWithEverythingAPersonWaitsFor) {
  terminal_.terminal_width = 120;
  const auto progress = MakeLineProgress(&terminal_, &clock_);
  progress->Update(One(Numbers(57)));
  EXPECT_EQ(terminal_.Take(),
            "\r\x1b[J[=======                 ] first-guess: 57/180 trials, 31 %, 1.4/s, "
            "ETA 1 min 28 s, 2 in training");
}

TEST_F(ProgressTest, TheLineIsRedrawnAtMostTenTimesASecond) {
  terminal_.terminal_width = 120;
  const auto progress = MakeLineProgress(&terminal_, &clock_);
  int drawn = 0;
  for (int millisecond = 0; millisecond < 1000; ++millisecond) {
    progress->Update(One(Numbers(millisecond % 180)));
    if (!terminal_.Take().empty()) ++drawn;
    clock_.Advance(absl::Milliseconds(1));
  }
  EXPECT_EQ(drawn, 10);
}

TEST_F(ProgressTest, TheLastNumbersAreDrawnWhateverTheRate) {
  terminal_.terminal_width = 120;
  const auto progress = MakeLineProgress(&terminal_, &clock_);
  progress->Update(One(Numbers(57)));
  progress->Update(One(Numbers(180)));
  terminal_.Take();
  progress->Finish();
  EXPECT_EQ(terminal_.Take(),
            "\r\x1b[J[========================] first-guess: 180/180 trials, 100 %\n");
}

TEST_F(ProgressTest, TheLineNeverFillsTheTerminal) {
  for (int width = 10; width < 130; ++width) {
    terminal_.terminal_width = width;
    const auto progress = MakeLineProgress(&terminal_, &clock_);
    progress->Update(One(Numbers(57)));
    for (const auto line : absl::StrSplit(terminal_.Take().substr(4), '\n')) {
      EXPECT_LT(DisplayWidth(line), width) << line;
    }
  }
}

TEST_F(ProgressTest, ANarrowTerminalGetsEverythingInSeveralLines) {
  terminal_.terminal_width = 40;
  const auto progress = MakeLineProgress(&terminal_, &clock_);
  progress->Update(One(Numbers(57)));
  EXPECT_EQ(terminal_.Take(),
            "\r\x1b[J"
            "first-guess: 57/180 trials, 31 %,\n"
            "1.4/s, ETA 1 min 28 s, 2 in training");
  // The next one begins where the first line stood.
  progress->Finish();
  EXPECT_THAT(terminal_.Take(), testing::StartsWith("\r\x1b[1A\x1b[Jfirst-guess: 57/180"));
}

TEST_F(ProgressTest, AfterAChangeOfWidthNothingAboveTheLastLineIsErased) {
  terminal_.terminal_width = 40;
  const auto progress = MakeLineProgress(&terminal_, &clock_);
  progress->Update(One(Numbers(57)));
  terminal_.Take();
  terminal_.terminal_width = 120;
  progress->Finish();
  EXPECT_THAT(terminal_.Take(), testing::StartsWith("\r\x1b[J[====="));
}

TEST_F(ProgressTest, ANoteStaysAboveTheLine) {
  terminal_.terminal_width = 80;
  const auto progress = MakeLineProgress(&terminal_, &clock_);
  progress->Update(One(Numbers(57)));
  terminal_.Take();
  progress->Note("Worker local-1 ended with code 1.");
  EXPECT_THAT(terminal_.Take(), testing::StartsWith("\r\x1b[JWorker local-1 ended with code 1.\n"
                                                    "\r\x1b[Jfirst-guess: 57/180"));
}

TEST_F(ProgressTest, SeveralSweepsHaveALineEachWithWhatIsAroundThemBelow) {
  Watched watched = One(Numbers(57));
  watched.sweeps.push_back(Numbers(180));
  watched.sweeps.back().name = "wide";
  watched.around = {.workers = {{"connected", 3}, {"lost", 1}},
                    .failures = {{"crash", 2}, {"timeout", 1}}};
  const auto plain = MakePlainProgress(&terminal_, &clock_);
  plain->Update(watched);
  const std::string lines =
      "first-guess: 57/180 trials, 31 %, 1.4/s, ETA 1 min 28 s, 2 in training\n"
      "wide: 180/180 trials, 100 %\n"
      "workers: 3 connected, 1 lost\n"
      "failed: 2 crash, 1 timeout";
  EXPECT_EQ(terminal_.Take(), lines + "\n");
  // In a log they are said again when they changed, and no sooner.
  plain->Update(watched);
  EXPECT_EQ(terminal_.Take(), "");
  watched.around->failures["crash"] = 3;
  plain->Update(watched);
  EXPECT_EQ(terminal_.Take(), "workers: 3 connected, 1 lost\nfailed: 3 crash, 1 timeout\n");

  terminal_.terminal_width = 79;
  watched.around->failures["crash"] = 2;
  const auto redrawn = MakeLineProgress(&terminal_, &clock_);
  redrawn->Update(watched);
  EXPECT_EQ(terminal_.Take(),
            "\r\x1b[J" + absl::StrReplaceAll(lines, {{"wide", "[========================] wide"}}));
}

TEST_F(ProgressTest, TheReasonForWaitingIsSaid) {
  const auto progress = MakePlainProgress(&terminal_, &clock_);
  SweepNumbers numbers = Numbers(0);
  numbers.leased = 0;
  numbers.trials_per_second = 0;
  numbers.remaining_seconds.reset();
  numbers.waiting_reason = "no worker is connected";
  progress->Update(One(numbers));
  EXPECT_EQ(terminal_.Take(), "first-guess: 0/180 trials, 0 %, waiting: no worker is connected\n");
}

TEST_F(ProgressTest, PlainLinesComeAtEachTenthAndOtherwiseEveryTenSeconds) {
  const auto progress = MakePlainProgress(&terminal_, &clock_);
  std::vector<int> written_at;
  for (int second = 0; second <= 40; ++second) {
    // One trial a second for a while, then a burst.
    progress->Update(One(Numbers(second < 35 ? second / 2 : 17 + (second - 34) * 20)));
    if (!terminal_.Take().empty()) written_at.push_back(second);
    clock_.Advance(absl::Seconds(1));
  }
  EXPECT_THAT(written_at, ElementsAre(0, 10, 20, 30, 35, 36, 37, 38, 39, 40));
}

TEST_F(ProgressTest, PlainLinesAreNotRepeated) {
  const auto progress = MakePlainProgress(&terminal_, &clock_);
  progress->Update(One(Numbers(180)));
  EXPECT_EQ(terminal_.Take(), "first-guess: 180/180 trials, 100 %\n");
  clock_.Advance(absl::Seconds(60));
  progress->Update(One(Numbers(180)));
  progress->Finish();
  EXPECT_EQ(terminal_.Take(), "");
}

TEST_F(ProgressTest, NoEscapeSequenceGoesIntoAPipe) {
  const auto progress = MakeProgress(&terminal_, &clock_, false);
  progress->Update(One(Numbers(57)));
  progress->Note("note");
  progress->Finish();
  EXPECT_THAT(terminal_.text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(terminal_.text, Not(HasSubstr("\r")));
}

TEST_F(ProgressTest, NoColourWithoutColours) {
  terminal_.terminal_width = 120;
  const auto plain = MakeProgress(&terminal_, &clock_, false);
  plain->Update(One(Numbers(57)));
  EXPECT_THAT(terminal_.Take(), Not(HasSubstr("\x1b[3")));
  terminal_.with_colours = true;
  const auto coloured = MakeProgress(&terminal_, &clock_, false);
  coloured->Update(One(Numbers(57)));
  EXPECT_THAT(terminal_.Take(), HasSubstr("\x1b[32m"));
}

TEST_F(ProgressTest, JsonEventsAreOneObjectALine) {
  const auto progress = MakeProgress(&terminal_, &clock_, true);
  progress->Update(One(Numbers(57)));
  progress->Note("say \"no\"");
  progress->Update(One(Numbers(58)));  // too soon
  progress->Finish();
  const std::vector<std::string> lines = absl::StrSplit(terminal_.text, '\n');
  ASSERT_EQ(lines.size(), 4);
  const auto first = nlohmann::json::parse(lines[0]);
  EXPECT_EQ(first["event"], "progress");
  EXPECT_EQ(first["name"], "first-guess");
  EXPECT_EQ(first["done"], 57);
  EXPECT_EQ(first["remaining_seconds"], 88);
  EXPECT_TRUE(first["finished_at"].is_null());
  EXPECT_TRUE(first["workers"].is_null());
  EXPECT_EQ(lines[1], "{\"event\":\"note\",\"text\":\"say \\\"no\\\"\"}");
  EXPECT_EQ(nlohmann::json::parse(lines[2])["done"], 58);
  EXPECT_EQ(lines[3], "");
}

TEST_F(ProgressTest, JsonEventsAreNotRepeated) {
  const auto progress = MakeJsonProgress(&terminal_, &clock_);
  progress->Update(One(Numbers(57)));
  terminal_.Take();
  clock_.Advance(absl::Seconds(5));
  progress->Update(One(Numbers(57)));
  progress->Finish();
  EXPECT_EQ(terminal_.Take(), "");
}

TEST(SweepNumbersTest, WordsLeaveOutWhatIsZero) {
  EXPECT_EQ(InWords(Numbers(180)), "180 of 180 trials done");
  SweepNumbers numbers = Numbers(57);
  numbers.failed = 3;
  numbers.pending -= 3;
  numbers.diverged = 1;
  EXPECT_EQ(InWords(numbers),
            "57 of 180 trials done, 1 of them diverged, 3 failed, 2 in training, 118 waiting");
}

}  // namespace
}  // namespace firstguess
