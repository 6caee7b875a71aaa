// How long a trial may train: what its sweeps say, told to the worker with each grant.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using Reason = LeaseReportedEnded::Reason;

absl::Duration TimeoutOfNextGrant(Machine& machine, const std::string& worker) {
  const auto grants = machine.Take<GrantMessage>(worker);
  EXPECT_THAT(grants, testing::Not(IsEmpty()));
  return grants.empty() ? absl::InfiniteDuration() : grants.front().timeout_per_trial;
}

TEST(Timeouts, AreGrantedAsTheSweepSetsThem) {
  Machine machine;
  machine.Submit(SpecOf("s", 1, "trial_timeout: 90\n"));
  machine.Connect("a");
  EXPECT_EQ(TimeoutOfNextGrant(machine, "a"), absl::Seconds(90));
}

TEST(Timeouts, ThereIsNoneUnlessTheSweepSetsOne) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Connect("a");
  EXPECT_EQ(TimeoutOfNextGrant(machine, "a"), absl::ZeroDuration());
}

TEST(Timeouts, AreStillGrantedAfterARestart) {
  Machine machine;
  machine.Submit(SpecOf("s", 1, "trial_timeout: 90\n"));
  machine.Restart();
  machine.Connect("a");
  EXPECT_EQ(TimeoutOfNextGrant(machine, "a"), absl::Seconds(90));
}

TEST(Timeouts, OfASharedTrialAreThoseOfTheMostGenerousSweep) {
  for (const auto& [other, expected] :
       {std::pair("trial_timeout: 90\n", absl::Seconds(90)), std::pair("", absl::ZeroDuration())}) {
    Machine machine;
    machine.Submit(SpecOf("s", 1, "trial_timeout: 20\n"));
    machine.Connect("a");
    const GrantMessage first = machine.Take<GrantMessage>("a").front();
    EXPECT_EQ(first.timeout_per_trial, absl::Seconds(20));
    machine.Submit(SpecOf("t", 1, other));
    machine.End("a", first.lease_id, Reason::kDropped);
    EXPECT_EQ(TimeoutOfNextGrant(machine, "a"), expected);
  }
}

TEST(Timeouts, OfAPackFindTheTrialThatHangsAndTheOthersAreDone) {
  constexpr TrialId kHangs = 3;
  Machine machine;
  machine.Submit(SpecOf("s", 4, "max_attempts: 2\ntrial_timeout: 5\npack: {max_trials: 4}\n"));
  machine.Connect("a");
  int timeouts = 0;
  for (int i = 0; i < 50 && machine.View("s").state != SweepState::kDone; ++i) {
    for (const GrantMessage& grant : machine.Take<GrantMessage>("a")) {
      bool hangs = false;
      for (const auto& member : grant.members) {
        hangs = hangs || member.trial_id == kHangs;
        if (!hangs) machine.Result("a", grant.lease_id, member.trial_id);
      }
      if (hangs) machine.End("a", grant.lease_id, Reason::kTimedOut);
      timeouts += hangs ? 1 : 0;
    }
    machine.Advance(absl::Seconds(1));
    machine.Heartbeat("a", {});
  }
  EXPECT_EQ(machine.View("s").counters.done, 3);
  EXPECT_EQ(machine.View("s").counters.failed, 1);
  EXPECT_EQ(machine.store().trials().at(kHangs).failure, FailureClass::kTimeout);
  // The pack of four, of which two were done, and then the trial alone, twice.
  EXPECT_EQ(timeouts, 3);
  EXPECT_THAT(machine.store().trials(), SizeIs(4));
}

}  // namespace
}  // namespace firstguess
