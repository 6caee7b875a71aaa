#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Reason = LeaseReportedEnded::Reason;

// Worker `a`, with one lease at a time, on a sweep of one pack.
struct Leased {
  explicit Leased(int64_t trials, const std::string& extra = "") {
    machine.Submit(SpecOf("s", trials, "pack: {max_trials: 8}\n" + extra));
    WorkerDescription worker = AbleWorker("a");
    worker.capacity = 1;
    machine.Connect(worker);
    grant = machine.Take<GrantMessage>("a").front();
  }
  // Waits out any back-off, and gives the next lease.
  GrantMessage Next() {
    for (int i = 0; i < 100; ++i) {
      const auto grants = machine.Take<GrantMessage>("a");
      if (!grants.empty()) return grants.front();
      machine.Advance(absl::Seconds(1));
      machine.Heartbeat("a", {}, last_seen);
    }
    ADD_FAILURE() << "nothing is granted";
    return {};
  }
  std::vector<TrialId> Trials(const GrantMessage& granted) const {
    std::vector<TrialId> trials;
    for (const auto& member : granted.members) trials.push_back(member.trial_id);
    return trials;
  }
  const ModelStore::TrialRow& trial(TrialId id) const { return machine.store().trials().at(id); }

  Machine machine;
  GrantMessage grant;
  int64_t last_seen = 0;
};

TEST(Failures, OfATrialThatRanAloneAreChargedUntilItsAttemptsAreUsedUp) {
  for (const Reason reason : {Reason::kCrashed, Reason::kTimedOut, Reason::kOutOfMemory}) {
    Leased leased(1, "max_attempts: 2\n");
    leased.machine.End("a", leased.grant.lease_id, reason);
    EXPECT_EQ(leased.trial(1).attempts, 1);
    EXPECT_EQ(leased.trial(1).status, TrialStatus::kPending);
    leased.machine.End("a", leased.Next().lease_id, reason);
    EXPECT_EQ(leased.trial(1).attempts, 2);
    EXPECT_EQ(leased.trial(1).status, TrialStatus::kFailed);
    EXPECT_EQ(leased.trial(1).failure_message, "so it goes");
    EXPECT_EQ(leased.machine.View("s").state, SweepState::kDone);
  }
}

TEST(Failures, OfAPackOfSeveralSplitItAtItsMiddleAndChargeNobody) {
  for (const Reason reason : {Reason::kCrashed, Reason::kTimedOut, Reason::kOutOfMemory}) {
    Leased leased(5);
    leased.machine.End("a", leased.grant.lease_id, reason);
    EXPECT_THAT(leased.Trials(leased.Next()), ElementsAre(1, 2, 3));
    ASSERT_THAT(leased.machine.store().packs(), SizeIs(3));
    EXPECT_EQ(leased.machine.store().packs().at(3).parent, 1);
    EXPECT_EQ(leased.trial(5).pack_id, 3);
    for (TrialId id = 1; id <= 5; ++id) {
      EXPECT_EQ(leased.trial(id).attempts, 0);
      EXPECT_TRUE(leased.trial(id).replanned);
    }
  }
}

TEST(Failures, AreHalvedDownToTheGuiltyTrial) {
  Leased leased(8, "max_attempts: 1\n");
  constexpr TrialId kGuilty = 6;
  GrantMessage grant = leased.grant;
  for (int i = 0; leased.machine.View("s").state != SweepState::kDone; ++i) {
    ASSERT_LT(i, 20);
    const std::vector<TrialId> trials = leased.Trials(grant);
    if (std::find(trials.begin(), trials.end(), kGuilty) != trials.end()) {
      leased.machine.End("a", grant.lease_id, Reason::kCrashed);
    } else {
      for (const TrialId id : trials) leased.machine.Result("a", grant.lease_id, id);
    }
    if (leased.machine.View("s").state != SweepState::kDone) grant = leased.Next();
  }
  EXPECT_EQ(leased.trial(kGuilty).status, TrialStatus::kFailed);
  EXPECT_EQ(leased.machine.View("s").counters.done, 7);
  EXPECT_EQ(leased.machine.View("s").counters.failed, 1);
}

TEST(Failures, OfTheLastTrialLeftOfSeveralAreNotChargedForItDidNotRunAlone) {
  Leased leased(2);
  leased.machine.Result("a", leased.grant.lease_id, 1);
  leased.machine.End("a", leased.grant.lease_id, Reason::kCrashed);
  EXPECT_EQ(leased.trial(2).attempts, 0);
  EXPECT_THAT(leased.machine.store().packs(), SizeIs(1));
  leased.machine.End("a", leased.Next().lease_id, Reason::kCrashed);
  EXPECT_EQ(leased.trial(2).attempts, 1);
}

TEST(Failures, ThatTheTrainerNamedAreChargedToThatTrialAndTheRestGoesOn) {
  Leased leased(2);
  leased.machine.Fail("a", leased.grant.lease_id, 1, FailureClass::kOutOfMemory);
  EXPECT_EQ(leased.trial(1).attempts, 1);
  EXPECT_EQ(leased.trial(1).status, TrialStatus::kPending);
  EXPECT_EQ(leased.trial(2).status, TrialStatus::kLeased);
  leased.machine.Result("a", leased.grant.lease_id, 2);
  EXPECT_THAT(leased.Trials(leased.Next()), ElementsAre(1));
}

TEST(Failures, InvalidTrialsFailAtOnce) {
  Leased leased(2, "max_attempts: 5\n");
  leased.machine.Fail("a", leased.grant.lease_id, 1, FailureClass::kInvalid);
  EXPECT_EQ(leased.trial(1).status, TrialStatus::kFailed);
  EXPECT_EQ(leased.trial(1).failure, FailureClass::kInvalid);
  EXPECT_EQ(leased.machine.View("s").counters.failed, 1);
}

TEST(Failures, PreemptionNeverCounts) {
  Leased leased(1, "max_attempts: 1\n");
  leased.machine.Fail("a", leased.grant.lease_id, 1, FailureClass::kPreempted);
  GrantMessage grant = leased.Next();
  leased.machine.End("a", grant.lease_id, Reason::kPreempted);
  grant = leased.Next();
  EXPECT_EQ(leased.trial(1).attempts, 0);
  EXPECT_EQ(leased.trial(1).status, TrialStatus::kLeased);
}

TEST(Failures, AreFollowedByABackOffThatDoublesUpToItsCap) {
  State::Options options;
  options.retry_delay = absl::Seconds(2);
  options.retry_delay_cap = absl::Seconds(7);
  Machine machine(options);
  machine.Submit(SpecOf("s", 1, "max_attempts: 9\n"));
  machine.Connect("a");
  std::vector<int64_t> seconds;
  for (int i = 0; i < 4; ++i) {
    machine.End("a", machine.Take<GrantMessage>("a").front().lease_id, Reason::kCrashed);
    const absl::Duration begin = machine.now();
    while (machine.WorkerOf("a").leases == 0) {
      machine.Advance(absl::Seconds(1));
      machine.Heartbeat("a", {});
    }
    seconds.push_back(absl::ToInt64Seconds(machine.now() - begin));
  }
  EXPECT_THAT(seconds, ElementsAre(2, 4, 7, 7));
}

TEST(Failures, ALeaseThatFinishesWithoutAllResultsFailedForTheRest) {
  Leased leased(1);
  leased.machine.End("a", leased.grant.lease_id, Reason::kFinished);
  EXPECT_EQ(leased.trial(1).attempts, 1);
  EXPECT_EQ(leased.machine.store().attempts(1).back().message,
            "the worker ended the lease without a result: so it goes");
}

TEST(Failures, MoreThanMaxFailuresPauseTheSweep) {
  Leased leased(4, "max_failures: 1\n");
  leased.machine.Fail("a", leased.grant.lease_id, 1, FailureClass::kInvalid);
  EXPECT_EQ(leased.machine.View("s").state, SweepState::kRunning);
  leased.machine.Fail("a", leased.grant.lease_id, 2, FailureClass::kInvalid);
  EXPECT_EQ(leased.machine.View("s").state, SweepState::kPaused);
  EXPECT_EQ(leased.machine.View("s").waiting_reason,
            "paused: 2 trials failed, more than max_failures 1");
  // Whoever resumes it has seen those.
  leased.machine.Change("s", ChangeSweep::Kind::kResume);
  leased.machine.Fail("a", leased.grant.lease_id, 3, FailureClass::kInvalid);
  EXPECT_EQ(leased.machine.View("s").state, SweepState::kRunning);
}

TEST(Failures, OfALeaseThatIsOverAreNotHeard) {
  Leased leased(1);
  leased.machine.End("a", leased.grant.lease_id, Reason::kDropped);
  leased.machine.Fail("a", leased.grant.lease_id, 1, FailureClass::kInvalid);
  EXPECT_EQ(leased.trial(1).status, TrialStatus::kLeased);
}

TEST(Failures, AResultThatComesWhileAFinalFailureIsBeingWrittenIsADuplicate) {
  Leased leased(1);
  leased.machine.Apply(TrialReportedFailed{.instance_id = "a",
                                           .lease_id = leased.grant.lease_id,
                                           .trial_id = 1,
                                           .failure = FailureClass::kInvalid,
                                           .message = ""});
  leased.machine.Apply(ResultArrived{.instance_id = "a",
                                     .lease_id = leased.grant.lease_id,
                                     .trial_id = 1,
                                     .trajectory = std::make_shared<const Trajectory>()});
  EXPECT_THAT(leased.machine.Take<ResultAckMessage>("a"), IsEmpty());
  leased.machine.Settle();
  EXPECT_EQ(leased.machine.TakeAck("a"), ResultAckMessage::Outcome::kDuplicate);
}

}  // namespace
}  // namespace firstguess
