#include "common/notify/notifier.h"

#include <atomic>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/gate.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

const Notifier::Options kQuick = {
    .place = "test", .attempts = 3, .first_delay = absl::Milliseconds(1)};

// What became of each sweep, by its name.
class Outcomes {
 public:
  void Add(const std::string& what) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    seen_.push_back(what);
  }
  std::vector<std::string> seen() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    return seen_;
  }

 private:
  Mutex mutex_;
  std::vector<std::string> seen_ GUARDED_BY(mutex_);
};

void AwaitIdle(const Notifier& notifier) {
  while (!notifier.idle()) absl::SleepFor(absl::Milliseconds(1));
}

TEST(Notifier, WhatFailsIsTriedAgainUntilItIsDelivered) {
  Outcomes outcomes;
  int tries = 0;
  Notifier notifier(
      kQuick,
      [&](const EndedSweep& sweep, const std::function<bool()>&) {
        if (++tries < 3) return absl::UnavailableError("busy");
        outcomes.Add(sweep.name);
        return absl::OkStatus();
      },
      [&](const EndedSweep&, const absl::Status&) { outcomes.Add("given up"); });
  notifier.Tell({.name = "a"});
  AwaitIdle(notifier);
  EXPECT_THAT(outcomes.seen(), ElementsAre("a"));
}

TEST(Notifier, AfterItsLastAttemptItIsGivenUpWithTheLastReason) {
  Outcomes outcomes;
  std::atomic<int> tries = 0;
  Notifier notifier(
      kQuick,
      [&](const EndedSweep&, const std::function<bool()>&) {
        return absl::UnavailableError(absl::StrCat("try ", ++tries));
      },
      [&](const EndedSweep& sweep, const absl::Status& last) {
        outcomes.Add(absl::StrCat(sweep.name, ": ", last.message()));
      });
  notifier.Tell({.name = "a"});
  AwaitIdle(notifier);
  EXPECT_THAT(outcomes.seen(), ElementsAre("a: try 3"));
}

TEST(Notifier, ASweepThatMustWaitForItsNextAttemptHoldsUpNoOther) {
  Outcomes outcomes;
  Notifier::Options slow = kQuick;
  slow.first_delay = absl::Hours(1);
  slow.longest_delay = absl::Hours(1);
  {
    Notifier notifier(
        slow,
        [&](const EndedSweep& sweep, const std::function<bool()>&) {
          if (sweep.name == "first") return absl::UnavailableError("busy");
          outcomes.Add(sweep.name);
          return absl::OkStatus();
        },
        [&](const EndedSweep& sweep, const absl::Status&) {
          outcomes.Add(absl::StrCat(sweep.name, " given up"));
        });
    notifier.Tell({.name = "first"});
    notifier.Tell({.name = "second"});
    while (outcomes.seen().empty()) absl::SleepFor(absl::Milliseconds(1));
  }
  EXPECT_THAT(outcomes.seen(), ElementsAre("second", "first given up"));
}

TEST(Notifier, TellingNeverWaitsAndBeyondItsBoundIsGivenUpAtOnce) {
  Outcomes outcomes;
  Gate gate;
  Gate under_way;
  {
    Notifier notifier(
        kQuick,
        [&](const EndedSweep&, const std::function<bool()>&) {
          under_way.Open();
          gate.Pass();
          return absl::OkStatus();
        },
        [&](const EndedSweep& sweep, const absl::Status&) { outcomes.Add(sweep.name); });
    notifier.Tell({.name = "under way"});
    under_way.Pass();
    for (size_t i = 0; i < Notifier::kMostWaiting; ++i) notifier.Tell({.name = "waits"});
    EXPECT_THAT(outcomes.seen(), SizeIs(0));
    notifier.Tell({.name = "one too many"});
    EXPECT_THAT(outcomes.seen(), ElementsAre("one too many"));
    gate.Open();
    AwaitIdle(notifier);
  }
  EXPECT_THAT(outcomes.seen(), SizeIs(1));
}

TEST(Notifier, ItsEndAsksTheDeliveryUnderWayToStop) {
  Outcomes outcomes;
  Gate under_way;
  {
    Notifier notifier(
        kQuick,
        [&](const EndedSweep&, const std::function<bool()>& stopping) {
          under_way.Open();
          while (!stopping()) absl::SleepFor(absl::Milliseconds(1));
          return absl::CancelledError("stopped");
        },
        [&](const EndedSweep& sweep, const absl::Status&) { outcomes.Add(sweep.name); });
    notifier.Tell({.name = "a"});
    under_way.Pass();
  }
  EXPECT_THAT(outcomes.seen(), ElementsAre("a"));
}

}  // namespace
}  // namespace firstguess
