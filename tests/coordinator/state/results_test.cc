#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = ResultAckMessage::Outcome;

// A sweep of one pack of two trials, leased to worker `a`.
struct LeasedToTwo {
  LeasedToTwo() {
    machine.Submit(SpecOf("s", 2, "pack: {max_trials: 2}\n"));
    machine.Connect("a");
    const GrantMessage grant = machine.Take<GrantMessage>("a").front();
    lease = grant.lease_id;
    first = grant.members[0].trial_id;
    second = grant.members[1].trial_id;
  }
  // The lease expires and the pack goes to worker `b`.
  LeaseId MoveToB() {
    machine.Advance(absl::Seconds(30));
    machine.Connect("b");
    return machine.Take<GrantMessage>("b").front().lease_id;
  }

  Machine machine;
  LeaseId lease = 0;
  TrialId first = 0;
  TrialId second = 0;
};

ResultArrived ResultOf(const std::string& instance_id, LeaseId lease, TrialId trial) {
  return {.instance_id = instance_id,
          .lease_id = lease,
          .trial_id = trial,
          .trajectory = std::make_shared<const Trajectory>()};
}

TEST(Results, AreAcknowledgedOnlyAfterTheirCommit) {
  LeasedToTwo leased;
  leased.machine.Apply(ResultOf("a", leased.lease, leased.first));
  EXPECT_THAT(leased.machine.Take<ResultAckMessage>("a"), IsEmpty());
  leased.machine.ExecuteOne();
  EXPECT_THAT(leased.machine.Take<ResultAckMessage>("a"), IsEmpty());
  leased.machine.ReportOne();
  EXPECT_EQ(leased.machine.TakeAck("a"), Outcome::kStored);
  EXPECT_EQ(leased.machine.View("s").counters.done, 1);
}

TEST(Results, TheFirstWinsFromAnExpiredLeaseToo) {
  LeasedToTwo leased;
  leased.machine.Advance(absl::Seconds(30));
  leased.machine.Result("a", leased.lease, leased.first);
  EXPECT_EQ(leased.machine.TakeAck("a"), Outcome::kStored);
  // Only the other one is granted again.
  leased.machine.Connect("b");
  EXPECT_THAT(leased.machine.Take<GrantMessage>("b").front().members, SizeIs(1));
}

TEST(Results, ALaterOneIsADuplicate) {
  LeasedToTwo leased;
  const LeaseId lease_of_b = leased.MoveToB();
  leased.machine.Result("b", lease_of_b, leased.first);
  leased.machine.Result("a", leased.lease, leased.first);
  EXPECT_EQ(leased.machine.TakeAck("a"), Outcome::kDuplicate);
  leased.machine.Result("b", lease_of_b, leased.first);
  EXPECT_THAT(leased.machine.Take<ResultAckMessage>("b"), SizeIs(2));
  EXPECT_EQ(leased.machine.View("s").counters.done, 1);
}

TEST(Results, OfAFinishedLeaseSentAgainIsADuplicate) {
  LeasedToTwo leased;
  leased.machine.Result("a", leased.lease, leased.first);
  leased.machine.Result("a", leased.lease, leased.second);
  leased.machine.Take<ResultAckMessage>("a");
  leased.machine.Result("a", leased.lease, leased.second);
  EXPECT_EQ(leased.machine.TakeAck("a"), Outcome::kDuplicate);
}

TEST(Results, ASecondOneWhileTheFirstIsBeingWrittenWaitsForTheOutcome) {
  LeasedToTwo leased;
  const LeaseId lease_of_b = leased.MoveToB();
  leased.machine.Apply(ResultOf("b", lease_of_b, leased.first));
  leased.machine.Apply(ResultOf("a", leased.lease, leased.first));
  EXPECT_THAT(leased.machine.Take<ResultAckMessage>("a"), IsEmpty());
  leased.machine.Settle();
  EXPECT_EQ(leased.machine.TakeAck("b"), Outcome::kStored);
  EXPECT_EQ(leased.machine.TakeAck("a"), Outcome::kDuplicate);
}

TEST(Results, OfAnUnknownLeaseAreNotFound) {
  LeasedToTwo leased;
  leased.machine.Result("a", 12345, leased.first);
  EXPECT_EQ(leased.machine.TakeAck("a"), Outcome::kNotFound);
}

TEST(Results, OfATrialThatIsNotInTheLeaseAreNotFound) {
  LeasedToTwo leased;
  leased.machine.Result("a", leased.lease, 12345);
  EXPECT_EQ(leased.machine.TakeAck("a"), Outcome::kNotFound);
}

TEST(Results, OfAnothersLeaseAreDenied) {
  LeasedToTwo leased;
  leased.machine.Connect("b");
  leased.machine.Result("b", leased.lease, leased.first);
  EXPECT_EQ(leased.machine.TakeAck("b"), Outcome::kPermissionDenied);
  EXPECT_EQ(leased.machine.View("s").counters.done, 0);
}

TEST(Results, OfACancelledTrialAreUnwanted) {
  LeasedToTwo leased;
  leased.machine.Change("s", ChangeSweep::Kind::kCancel);
  leased.machine.Result("a", leased.lease, leased.first);
  EXPECT_EQ(leased.machine.TakeAck("a"), Outcome::kUnwanted);
}

TEST(Results, QueuedBeforeTheCancellationAreStored) {
  LeasedToTwo leased;
  leased.machine.Apply(ResultOf("a", leased.lease, leased.first));
  leased.machine.Change("s", ChangeSweep::Kind::kCancel);
  EXPECT_EQ(leased.machine.TakeAck("a"), Outcome::kStored);
  EXPECT_EQ(leased.machine.View("s").counters.done, 1);
  EXPECT_EQ(leased.machine.View("s").counters.cancelled, 1);
}

TEST(Results, QueuedAfterTheCancellationAreUnwanted) {
  LeasedToTwo leased;
  leased.machine.Apply(
      ChangeSweep{.token = 1, .name = "s", .kind = ChangeSweep::Kind::kCancel, .classes = {}});
  leased.machine.Apply(ResultOf("a", leased.lease, leased.first));
  leased.machine.Settle();
  EXPECT_EQ(leased.machine.TakeAck("a"), Outcome::kUnwanted);
  EXPECT_EQ(leased.machine.View("s").counters.cancelled, 2);
}

TEST(Results, OfEveryTrialOfANewerLeaseEndItAndStopItsWork) {
  LeasedToTwo leased;
  const LeaseId lease_of_b = leased.MoveToB();
  leased.machine.Result("a", leased.lease, leased.first);
  EXPECT_THAT(leased.machine.Take<DropMessage>("b"), IsEmpty());
  leased.machine.Result("a", leased.lease, leased.second);
  const auto drops = leased.machine.Take<DropMessage>("b");
  ASSERT_THAT(drops, SizeIs(1));
  EXPECT_EQ(drops[0].lease_id, lease_of_b);
  EXPECT_FALSE(drops[0].only_if_not_begun);
  EXPECT_EQ(leased.machine.View("s").state, SweepState::kDone);
}

TEST(Results, AfterARestartAreTakenFromOpenLeases) {
  LeasedToTwo leased;
  leased.machine.Restart();
  leased.machine.Connect("a", 2, {}, {{leased.lease, leased.first}, {leased.lease, 777}, {888, 1}});
  EXPECT_THAT(leased.machine.Take<WelcomeMessage>("a").back().wanted, ElementsAre(leased.first));
  leased.machine.Result("a", leased.lease, leased.first);
  EXPECT_EQ(leased.machine.TakeAck("a"), Outcome::kStored);
}

TEST(Results, BeingWrittenAreStillWantedFromAReconnectedWorker) {
  LeasedToTwo leased;
  leased.machine.Apply(ResultOf("a", leased.lease, leased.first));
  leased.machine.Apply(WorkerConnected{.worker = AbleWorker("a", 2),
                                       .leases = {{leased.lease, true}},
                                       .unsent = {{leased.lease, leased.first}}});
  EXPECT_THAT(leased.machine.Take<WelcomeMessage>("a").back().wanted, ElementsAre(leased.first));
}

TEST(Results, BeingWrittenKeepTheirLeaseOffTheListOfLeftovers) {
  LeasedToTwo leased;
  leased.machine.Apply(ResultOf("a", leased.lease, leased.first));
  leased.machine.Apply(ResultOf("a", leased.lease, leased.second));
  const WorkerHeartbeat heartbeat = {
      .instance_id = "a", .epoch = 1, .leases = {{leased.lease, true}}, .last_grant_number = 1};
  leased.machine.Apply(heartbeat);
  EXPECT_THAT(leased.machine.Take<HeartbeatReplyMessage>("a").back().drop, IsEmpty());
  leased.machine.Settle();
  leased.machine.Apply(heartbeat);
  EXPECT_THAT(leased.machine.Take<HeartbeatReplyMessage>("a").back().drop,
              ElementsAre(leased.lease));
}

TEST(Results, TheEdgeCanSeeTheConfigurationOfWhatWouldBeTaken) {
  LeasedToTwo leased;
  const TrialConfig* config = leased.machine.state().ConfigOf(leased.lease, leased.second);
  ASSERT_NE(config, nullptr);
  EXPECT_EQ(config->seed, 1);
  EXPECT_EQ(leased.machine.state().ConfigOf(leased.lease, 777), nullptr);
  EXPECT_EQ(leased.machine.state().ConfigOf(777, leased.second), nullptr);
  leased.machine.Result("a", leased.lease, leased.second);
  EXPECT_EQ(leased.machine.state().ConfigOf(leased.lease, leased.second), nullptr);
}

TEST(Results, OfLongAgoAreForgottenButNotThoseOfTheLastLeases) {
  Machine machine;
  machine.Submit(SpecOf("s", 40, "pack: {max_trials: 1}\n"));
  WorkerDescription worker = AbleWorker("a");
  worker.capacity = 1;
  machine.Connect(worker);
  std::vector<GrantMessage> grants;
  for (int i = 0; i < 40; ++i) {
    grants.push_back(machine.Take<GrantMessage>("a").front());
    machine.Result("a", grants.back().lease_id, grants.back().members[0].trial_id);
  }
  machine.TakeAll();
  machine.Result("a", grants[39 - 15].lease_id, grants[39 - 15].members[0].trial_id);
  EXPECT_EQ(machine.TakeAck("a"), Outcome::kDuplicate);
  machine.Result("a", grants[0].lease_id, grants[0].members[0].trial_id);
  EXPECT_EQ(machine.TakeAck("a"), Outcome::kNotFound);
}

}  // namespace
}  // namespace firstguess
