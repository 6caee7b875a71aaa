#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Reason = LeaseReportedEnded::Reason;

constexpr char kPairs[] = "pack: {max_trials: 2}\n";

// One sweep of one pack, leased to worker `a`.
struct OneLease {
  explicit OneLease(int64_t trials = 1) {
    machine.Submit(SpecOf("s", trials, "pack: {max_trials: 8}\n"));
    machine.Connect("a");
    grant = machine.Take<GrantMessage>("a").front();
  }
  std::string outcome(LeaseId lease) const {
    return machine.store().leases().at(lease).outcome.value_or("open");
  }

  Machine machine;
  GrantMessage grant;
};

TEST(Leases, ExpireALeasesDurationAfterTheLastHeartbeat) {
  OneLease leased;
  leased.machine.Advance(absl::Seconds(20));
  leased.machine.Heartbeat("a", {{leased.grant.lease_id, true}}, leased.grant.grant_number);
  leased.machine.Advance(absl::Seconds(29));
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "open");
  leased.machine.Advance(absl::Seconds(1));
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "expired");
  EXPECT_EQ(leased.machine.WorkerOf("a").state, "lost");
  leased.machine.Connect("b");
  EXPECT_THAT(leased.machine.Take<GrantMessage>("b"), SizeIs(1));
}

TEST(Leases, ALateTickMovesAllExpiriesByTheDelay) {
  OneLease leased;
  leased.machine.Advance(absl::Seconds(1));
  leased.machine.Jump(absl::Seconds(100));
  leased.machine.Apply(Tick());
  leased.machine.Settle();
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "open");
  // 1 s and 2 s of the long tick have counted.
  leased.machine.Advance(absl::Seconds(26));
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "open");
  leased.machine.Advance(absl::Seconds(1));
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "expired");
}

TEST(Leases, AHeartbeatQueuedBeforeALateTickIsHeard) {
  OneLease leased;
  leased.machine.Advance(absl::Seconds(1));
  leased.machine.Jump(absl::Seconds(31));
  leased.machine.Heartbeat("a", {{leased.grant.lease_id, true}}, leased.grant.grant_number);
  leased.machine.Apply(Tick());
  leased.machine.Settle();
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "open");
}

TEST(Leases, StayOpenWhileTheirWorkerIsBrieflyGone) {
  OneLease leased;
  leased.machine.Apply(WorkerDisconnected{.instance_id = "a", .epoch = 1});
  leased.machine.Advance(absl::Seconds(10));
  leased.machine.Connect("a", 2, {{leased.grant.lease_id, true}});
  leased.machine.Advance(absl::Seconds(29));
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "open");
  EXPECT_THAT(leased.machine.Take<WelcomeMessage>("a").back().drop, IsEmpty());
}

TEST(Leases, AfterARestartExpireUnlessAdopted) {
  OneLease leased;
  leased.machine.Advance(absl::Seconds(25));
  leased.machine.Restart();
  leased.machine.Advance(absl::Seconds(29));
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "open");
  leased.machine.Advance(absl::Seconds(1));
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "expired");
}

TEST(Leases, AfterARestartAreAdoptedByTheInstanceThatHoldsThem) {
  OneLease leased;
  leased.machine.Restart();
  leased.machine.Connect("a", 2, {{leased.grant.lease_id, true}});
  leased.machine.Advance(absl::Seconds(29));
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "open");
  leased.machine.Result("a", leased.grant.lease_id, leased.grant.members[0].trial_id);
  EXPECT_EQ(leased.machine.TakeAck("a"), ResultAckMessage::Outcome::kStored);
  EXPECT_EQ(leased.machine.View("s").state, SweepState::kDone);
}

TEST(Leases, HeldByAWorkerButNotItsOwnAreDropped) {
  OneLease leased;
  leased.machine.Connect("b", 1, {{leased.grant.lease_id, true}, {999, false}});
  EXPECT_THAT(leased.machine.Take<WelcomeMessage>("b").front().drop,
              ElementsAre(leased.grant.lease_id, 999));
  leased.machine.Heartbeat("b", {{999, true}});
  EXPECT_THAT(leased.machine.Take<HeartbeatReplyMessage>("b").front().drop, ElementsAre(999));
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "open");
}

TEST(Leases, OneThatExpiredIsDroppedWhenItsWorkerIsHeardAgain) {
  OneLease leased;
  leased.machine.Advance(absl::Seconds(30));
  leased.machine.Heartbeat("a", {{leased.grant.lease_id, true}}, leased.grant.grant_number);
  EXPECT_THAT(leased.machine.Take<HeartbeatReplyMessage>("a").front().drop,
              ElementsAre(leased.grant.lease_id));
  EXPECT_EQ(leased.machine.WorkerOf("a").state, "connected");
}

TEST(Leases, MissingFromAHeartbeatThatSawTheirGrantAreLost) {
  OneLease leased;
  leased.machine.Heartbeat("a", {}, leased.grant.grant_number);
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "lost");
  // It is granted again, to the only worker there is.
  EXPECT_THAT(leased.machine.Take<GrantMessage>("a"), SizeIs(1));
}

TEST(Leases, NewerThanTheLastGrantSeenAreNotMissing) {
  OneLease leased;
  leased.machine.Heartbeat("a", {}, leased.grant.grant_number - 1);
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "open");
}

TEST(Leases, WhoseGrantWasLostWithTheStreamAreReturnedAtTheNextHello) {
  OneLease leased;
  leased.machine.Connect("a", 2);
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "returned");
}

TEST(Leases, WhoseGrantNeverShowsAreReturnedInTheEnd) {
  OneLease leased;
  for (int i = 0; i < 6; ++i) {
    leased.machine.Advance(absl::Seconds(5));
    leased.machine.Heartbeat("a", {}, 0);
    EXPECT_EQ(leased.outcome(leased.grant.lease_id), "open");
  }
  leased.machine.Advance(absl::Seconds(1));
  leased.machine.Heartbeat("a", {}, 0);
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "returned");
}

TEST(Leases, WithResultsOnTheirWayAreHeld) {
  OneLease leased;
  leased.machine.Heartbeat("a", {{leased.grant.lease_id, true}}, leased.grant.grant_number);
  leased.machine.Connect("a", 2, {}, {{leased.grant.lease_id, leased.grant.members[0].trial_id}});
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "open");
  EXPECT_THAT(leased.machine.Take<WelcomeMessage>("a").back().wanted,
              ElementsAre(leased.grant.members[0].trial_id));
}

TEST(Leases, EndAsFinishedWhenTheLastTrialIsReported) {
  OneLease leased(2);
  leased.machine.Result("a", leased.grant.lease_id, leased.grant.members[0].trial_id);
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "open");
  leased.machine.Fail("a", leased.grant.lease_id, leased.grant.members[1].trial_id,
                      FailureClass::kInvalid);
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "finished");
  EXPECT_EQ(leased.machine.WorkerOf("a").leases, 0);
}

TEST(Leases, EndOnceWhateverTheWorkerSaysLater) {
  OneLease leased;
  leased.machine.Result("a", leased.grant.lease_id, leased.grant.members[0].trial_id);
  leased.machine.End("a", leased.grant.lease_id, Reason::kFinished);
  leased.machine.End("a", leased.grant.lease_id, Reason::kCrashed);
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "finished");
  EXPECT_EQ(leased.machine.View("s").counters.done, 1);
}

TEST(Leases, OfAnotherWorkerCannotBeEnded) {
  OneLease leased;
  leased.machine.Connect("b");
  leased.machine.End("b", leased.grant.lease_id, Reason::kCrashed);
  leased.machine.Fail("b", leased.grant.lease_id, leased.grant.members[0].trial_id,
                      FailureClass::kInvalid);
  EXPECT_EQ(leased.outcome(leased.grant.lease_id), "open");
}

TEST(Leases, ReturnedAndDroppedOnesChargeNobody) {
  for (const Reason reason : {Reason::kReturned, Reason::kDropped}) {
    OneLease leased(2);
    leased.machine.End("a", leased.grant.lease_id, reason);
    leased.machine.Connect("b");
    EXPECT_EQ(leased.machine.WorkerOf("a").leases + leased.machine.WorkerOf("b").leases, 1);
    for (const auto& [id, trial] : leased.machine.store().trials()) EXPECT_EQ(trial.attempts, 0);
    EXPECT_EQ(leased.machine.store().packs().size(), 1);
  }
}

TEST(Leases, OneGrantedToAWorkerThatLeftMeanwhileIsReturnedAtOnce) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Apply(WorkerConnected{.worker = AbleWorker("a"), .leases = {}, .unsent = {}});
  machine.Apply(WorkerDisconnected{.instance_id = "a", .epoch = 1});
  machine.Settle();
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  EXPECT_EQ(machine.store().leases().begin()->second.outcome, "returned");
  machine.Connect("b");
  EXPECT_THAT(machine.Take<GrantMessage>("b"), SizeIs(1));
}

TEST(Leases, IdsNeverRepeatNotEvenAfterARestart) {
  OneLease leased;
  leased.machine.Restart();
  leased.machine.Advance(absl::Seconds(30));
  leased.machine.Connect("b");
  EXPECT_GT(leased.machine.Take<GrantMessage>("b").front().lease_id, leased.grant.lease_id);
}

TEST(Leases, APackLostThreeTimesIsSplit) {
  Machine machine;
  machine.Submit(SpecOf("s", 2, kPairs));
  for (int64_t loss = 1; loss <= 3; ++loss) {
    machine.Connect("a", loss);
    machine.Advance(absl::Seconds(30));
    EXPECT_EQ(machine.store().packs().size(), loss < 3 ? 1 : 3);
  }
  machine.Connect("b");
  EXPECT_THAT(machine.Take<GrantMessage>("b"), SizeIs(2));
}

TEST(Leases, ASingleTrialLostFiveTimesFailsAsLost) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  for (int64_t loss = 1; loss <= 5; ++loss) {
    EXPECT_EQ(machine.View("s").counters.failed, 0);
    machine.Connect("a", loss);
    machine.Advance(absl::Seconds(30));
  }
  EXPECT_EQ(machine.View("s").counters.failed, 1);
  EXPECT_EQ(machine.store().trials().at(1).failure, FailureClass::kLost);
  EXPECT_EQ(machine.store().trials().at(1).attempts, 0);
}

TEST(Leases, LossesAreCountedAcrossARestart) {
  Machine machine;
  machine.Submit(SpecOf("s", 2, kPairs));
  for (int64_t loss = 1; loss <= 3; ++loss) {
    machine.Connect("a", 10 * loss);
    machine.Advance(absl::Seconds(30));
    machine.Restart();
  }
  EXPECT_EQ(machine.store().packs().size(), 3);
}

}  // namespace
}  // namespace firstguess
