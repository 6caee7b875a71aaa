#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

using testing::IsEmpty;
using testing::SizeIs;
using Kind = ChangeSweep::Kind;

constexpr char kFours[] = "pack: {max_trials: 4}\n";

// Sweep `s` has seeds 0-3, sweep `t` seeds 2-5: trials 3 and 4 belong to both.
struct Shared {
  Shared() {
    machine.Submit(SpecOf("s", 4, kFours, 0));
    machine.Submit(SpecOf("t", 4, kFours, 2));
    machine.Connect("a");
    grants = machine.Take<GrantMessage>("a");
  }
  void Finish(const GrantMessage& grant) {
    for (const auto& member : grant.members) {
      machine.Result("a", grant.lease_id, member.trial_id);
    }
  }
  TrialStatus status(TrialId id) const { return machine.store().trials().at(id).status; }

  Machine machine;
  std::vector<GrantMessage> grants;
};

TEST(Wants, ATrialOfTwoSweepsIsTrainedOnceAndCountsInBoth) {
  Shared shared;
  ASSERT_THAT(shared.grants, SizeIs(2));
  EXPECT_THAT(shared.grants[0].members, SizeIs(4));
  EXPECT_THAT(shared.grants[1].members, SizeIs(2));
  for (const GrantMessage& grant : shared.grants) shared.Finish(grant);
  EXPECT_EQ(shared.machine.View("s").state, SweepState::kDone);
  EXPECT_EQ(shared.machine.View("t").state, SweepState::kDone);
  EXPECT_THAT(shared.machine.store().trials(), SizeIs(6));
}

TEST(Wants, CancellingOneSweepLeavesWhatTheOtherWants) {
  Shared shared;
  shared.machine.Change("s", Kind::kCancel);
  EXPECT_EQ(shared.status(1), TrialStatus::kCancelled);
  EXPECT_EQ(shared.status(3), TrialStatus::kLeased);
  EXPECT_THAT(shared.machine.Take<DropMessage>("a"), IsEmpty());
  for (const GrantMessage& grant : shared.grants) shared.Finish(grant);
  EXPECT_EQ(shared.machine.View("t").state, SweepState::kDone);
  EXPECT_EQ(shared.machine.View("s").counters.cancelled, 2);
  EXPECT_EQ(shared.machine.View("s").counters.done, 2);
}

TEST(Wants, CancellingTheLastSweepStopsTheWork) {
  Shared shared;
  shared.machine.Change("s", Kind::kCancel);
  shared.machine.Change("t", Kind::kCancel);
  EXPECT_THAT(shared.machine.Take<DropMessage>("a"), SizeIs(2));
  for (TrialId id = 1; id <= 6; ++id) EXPECT_EQ(shared.status(id), TrialStatus::kCancelled);
}

TEST(Wants, ANewWantMakesACancelledTrialPendingAgain) {
  Machine machine;
  machine.Submit(SpecOf("s", 4, kFours));
  machine.Connect("a");
  machine.Take<GrantMessage>("a");
  machine.Change("s", Kind::kCancel);
  machine.Submit(SpecOf("t", 4, kFours));
  const auto grants = machine.Take<GrantMessage>("a");
  ASSERT_THAT(grants, SizeIs(1));
  EXPECT_THAT(grants[0].members, SizeIs(4));
  for (const auto& member : grants[0].members) {
    machine.Result("a", grants[0].lease_id, member.trial_id);
  }
  EXPECT_EQ(machine.View("t").state, SweepState::kDone);
  EXPECT_THAT(machine.store().trials(), SizeIs(4));
}

TEST(Wants, ATrialIsGrantedWhileAnyRunningSweepWantsIt) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Connect("a");
  const GrantMessage grant = machine.Take<GrantMessage>("a").front();
  machine.Submit(SpecOf("t", 1));
  machine.Change("s", Kind::kPause);
  machine.End("a", grant.lease_id, LeaseReportedEnded::Reason::kDropped);
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(1));
}

TEST(Wants, ATrialThatOnlyPausedSweepsWantIsNotGranted) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Connect("a");
  const GrantMessage grant = machine.Take<GrantMessage>("a").front();
  machine.Change("s", Kind::kPause);
  machine.End("a", grant.lease_id, LeaseReportedEnded::Reason::kDropped);
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
}

TEST(Wants, ATrialIsGrantedAtTheHighestPriorityOfThoseThatWantIt) {
  Machine machine;
  machine.Submit(SpecOf("low", 1, "priority: 0\n", 7));
  WorkerDescription worker = AbleWorker("a");
  worker.capacity = 1;
  machine.Connect(worker);
  const GrantMessage low = machine.Take<GrantMessage>("a").front();
  machine.Submit(SpecOf("middle", 1, "priority: 1\n", 8));
  machine.Submit(SpecOf("high", 1, "priority: 2\n", 7));
  machine.Connect("b");  // opens the pack of `high`, whose trial is leased already
  machine.TakeAll();
  machine.Connect("c");
  machine.End("a", low.lease_id, LeaseReportedEnded::Reason::kDropped);
  const auto next = machine.Take<GrantMessage>("a");
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_EQ(next[0].members[0].config.seed, 7);
}

TEST(Wants, AWorkerIsGivenOnlyTrialsThatASweepItMayWorkForWants) {
  Machine machine;
  machine.Submit(SpecOf("gpu", 2, "pack: {max_trials: 2}\nrequires: {device: cuda}\n", 0));
  WorkerDescription gpu = AbleWorker("gpu");
  gpu.device = "cuda";
  machine.Connect(gpu);
  const GrantMessage grant = machine.Take<GrantMessage>("gpu").front();
  // Any device may train seed 1.
  machine.Submit(SpecOf("any", 1, "", 1));
  machine.Connect("cpu");
  machine.Apply(DrainWorker{.token = 1, .name = "gpu"});
  machine.End("gpu", grant.lease_id, LeaseReportedEnded::Reason::kReturned);
  const auto taken = machine.Take<GrantMessage>("cpu");
  ASSERT_THAT(taken, SizeIs(1));
  ASSERT_THAT(taken[0].members, SizeIs(1));
  EXPECT_EQ(taken[0].members[0].config.seed, 1);
}

TEST(Wants, AWantThatIsBeingWrittenSavesATrialFromCancellation) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Connect("a");
  const GrantMessage grant = machine.Take<GrantMessage>("a").front();
  machine.Change("s", Kind::kPause);
  machine.End("a", grant.lease_id, LeaseReportedEnded::Reason::kDropped);
  // The pack of `t`, of the same trial, is being opened when `s` is cancelled.
  const ParsedSweep parsed = ParseSweep(SpecOf("t", 1), "t");
  machine.Apply(SubmitSweep{.token = 5,
                            .request_id = "",
                            .sweep = std::make_shared<const Sweep>(*parsed.sweep),
                            .spec_text = SpecOf("t", 1)});
  machine.Apply(ChangeSweep{.token = 6, .name = "s", .kind = Kind::kCancel, .classes = {}});
  machine.Settle();
  EXPECT_EQ(machine.store().trials().at(1).status, TrialStatus::kLeased);
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(1));
}

TEST(Wants, APackOpenedForASweepThatWasCancelledMeanwhileIsNotGranted) {
  Machine machine;
  machine.Submit(SpecOf("s", 4, kFours));
  machine.Apply(WorkerConnected{.worker = AbleWorker("a"), .leases = {}, .unsent = {}});
  machine.Apply(ChangeSweep{.token = 6, .name = "s", .kind = Kind::kCancel, .classes = {}});
  machine.Settle();
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  for (const auto& [id, trial] : machine.store().trials()) {
    EXPECT_EQ(trial.status, TrialStatus::kCancelled);
  }
  EXPECT_EQ(machine.View("s").counters.cancelled, 4);
}

TEST(Wants, ARetryInOneSweepRunsTheOtherAgainToo) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Connect("a");
  machine.Submit(SpecOf("t", 1));
  machine.Fail("a", machine.Take<GrantMessage>("a").front().lease_id, 1, FailureClass::kInvalid);
  ASSERT_EQ(machine.View("s").state, SweepState::kDone);
  ASSERT_EQ(machine.View("t").state, SweepState::kDone);
  machine.Change("s", Kind::kRetryFailed);
  EXPECT_EQ(machine.View("t").state, SweepState::kRunning);
  // And t goes on when s is cancelled.
  machine.Change("s", Kind::kCancel);
  EXPECT_EQ(machine.store().trials().at(1).status, TrialStatus::kLeased);
}

// Only a retry makes it pending.
TEST(Wants, AFailedTrialStaysFailedForANewWant) {
  Machine machine;
  machine.Submit(SpecOf("s", 1, "max_attempts: 1\n"));
  machine.Connect("a");
  const LeaseId lease = machine.Take<GrantMessage>("a").front().lease_id;
  machine.Fail("a", lease, 1, FailureClass::kCrash);
  machine.Submit(SpecOf("t", 2));
  const auto grants = machine.Take<GrantMessage>("a");
  ASSERT_THAT(grants, SizeIs(1));
  ASSERT_THAT(grants[0].members, SizeIs(1));
  EXPECT_EQ(grants[0].members[0].trial_id, 2);
  machine.Result("a", grants[0].lease_id, 2);
  EXPECT_EQ(machine.View("t").state, SweepState::kDone);
  EXPECT_EQ(machine.View("t").counters.failed, 1);
  machine.Change("t", Kind::kRetryFailed);
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(1));
}

}  // namespace
}  // namespace firstguess
