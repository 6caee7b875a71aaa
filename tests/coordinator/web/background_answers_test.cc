#include "coordinator/web/background_answers.h"

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>

#include "common/clock.h"
#include "gtest/gtest.h"
#include "tests/common/gate.h"

namespace firstguess {
namespace {

HttpServer::Answer TextAnswer(const std::string& text) {
  return {.code = 200, .content_type = "text/plain", .body = text};
}

// Asks until the answer has this text.
void AwaitText(BackgroundAnswers* answers, const std::string& key, const std::string& version,
               const BackgroundAnswers::Compute& compute, const std::string& text) {
  while (answers->Get(key, version, compute).body != text) std::this_thread::yield();
}

TEST(BackgroundAnswers, NobodyWaitsForOneThatIsComputed) {
  Gate begun;
  Gate go_on;
  const auto compute = [&] {
    begun.Open();
    go_on.Pass();
    return TextAnswer("a");
  };
  BackgroundAnswers answers;
  EXPECT_EQ(answers.Get("key", "1", compute).code, 202);
  begun.Pass();
  EXPECT_EQ(answers.Get("key", "1", compute).code, 202);
  go_on.Open();
  AwaitText(&answers, "key", "1", compute, "a");
}

TEST(BackgroundAnswers, OneThatIsUpToDateIsNotComputedAgain) {
  std::atomic<int> computed = 0;
  const auto compute = [&] {
    ++computed;
    return TextAnswer("a");
  };
  BackgroundAnswers answers;
  AwaitText(&answers, "key", "1", compute, "a");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(answers.Get("key", "1", compute).body, "a");
  AwaitText(
      &answers, "other", "1", [] { return TextAnswer("b"); }, "b");
  EXPECT_EQ(computed, 1);
}

TEST(BackgroundAnswers, OneThatIsOutOfDateIsShownUntilTheNewOneIsThere) {
  SimulatedClock clock;
  BackgroundAnswers answers(&clock);
  AwaitText(
      &answers, "key", "1", [] { return TextAnswer("old"); }, "old");
  EXPECT_EQ(answers.Get("key", "2", [] { return TextAnswer("new"); }).body, "old");
  clock.Advance(absl::Seconds(1));
  AwaitText(
      &answers, "key", "2", [] { return TextAnswer("new"); }, "new");
}

TEST(BackgroundAnswers, OneAtATimeIsComputed) {
  std::atomic<int> at_work = 0;
  std::atomic<int> most = 0;
  const auto compute = [&] {
    most = std::max<int>(most, ++at_work);
    std::this_thread::yield();
    --at_work;
    return TextAnswer("a");
  };
  BackgroundAnswers answers;
  for (int i = 0; i < 20; ++i) answers.Get(std::to_string(i), "1", compute);
  for (int i = 0; i < 20; ++i) AwaitText(&answers, std::to_string(i), "1", compute, "a");
  EXPECT_EQ(most, 1);
}

// None waits for ever, however the others are asked for.
TEST(BackgroundAnswers, TheOneThatWaitsTheLongestIsTheNext) {
  SimulatedClock clock;
  BackgroundAnswers answers(&clock);
  for (const std::string key : {"b", "c", "a"}) {
    AwaitText(
        &answers, key, "1", [] { return TextAnswer("old"); }, "old");
    clock.Advance(absl::Milliseconds(1));
  }
  std::string order;  // Written by one computation at a time.
  const auto ask = [&](const std::string& key) {
    return answers.Get(key, "2", [&order, key] { return TextAnswer(order += key); }).body;
  };
  for (const std::string turn : {"b", "bc", "bca"}) {
    // All are out of date while it rests; then the youngest asks first.
    for (const std::string key : {"a", "b", "c"}) ask(key);
    clock.Advance(absl::Seconds(1));
    const std::string next(1, turn.back());
    do {
      ask("a");
      std::this_thread::yield();
    } while (ask(next) != turn);
  }
}

// Old ones make room: whoever asks for ever new keys takes no more memory.
TEST(BackgroundAnswers, TheOneThatWasNotAskedForTheLongestIsForgotten) {
  std::atomic<int> computed = 0;
  const auto compute = [&] {
    ++computed;
    return TextAnswer("a");
  };
  BackgroundAnswers answers;
  for (int i = 0; i < 65; ++i) AwaitText(&answers, std::to_string(i), "1", compute, "a");
  EXPECT_EQ(answers.Get("64", "1", compute).code, 200);
  EXPECT_EQ(answers.Get("0", "1", compute).code, 202);
}

}  // namespace
}  // namespace firstguess
