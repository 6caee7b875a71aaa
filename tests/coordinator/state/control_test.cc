// What people say shows at once: it does not wait for what was granted ahead of need.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = ChangeSweep::Kind;
using Reason = LeaseReportedEnded::Reason;

constexpr char kPacksOfOne[] = "pack: {max_trials: 1}\n";

// Worker `a` with two packs of sweep `s`, of one trial each: one begun, one ahead.
class ControlTest : public testing::Test {
 protected:
  ControlTest() {
    machine_.Submit(SpecOf("s", 9, kPacksOfOne));
    machine_.Connect("a");
    const auto grants = machine_.Take<GrantMessage>("a");
    EXPECT_THAT(grants, SizeIs(2));
    begun_ = grants[0];
    ahead_ = grants[1];
    machine_.Heartbeat("a", {{begun_.lease_id, true}, {ahead_.lease_id, false}},
                       ahead_.grant_number);
    machine_.TakeAll();
  }
  // The leases that `a` is asked to hand back if it has not begun them.
  std::vector<LeaseId> AskedBack() {
    std::vector<LeaseId> leases;
    for (const DropMessage& drop : machine_.Take<DropMessage>("a")) {
      EXPECT_TRUE(drop.only_if_not_begun);
      leases.push_back(drop.lease_id);
    }
    return leases;
  }
  // First seeds of the packs that `a` was granted since it was last asked.
  std::vector<int64_t> SeedsGranted() {
    std::vector<int64_t> seeds;
    for (const GrantMessage& grant : machine_.Take<GrantMessage>("a")) {
      seeds.push_back(grant.members[0].config.seed);
    }
    return seeds;
  }

  Machine machine_;
  GrantMessage begun_;
  GrantMessage ahead_;
};

TEST_F(ControlTest, APauseAsksBackWhatWasNotBegun) {
  machine_.Change("s", Kind::kPause);
  EXPECT_THAT(AskedBack(), ElementsAre(ahead_.lease_id));
  machine_.End("a", ahead_.lease_id, Reason::kReturned);
  machine_.Result("a", begun_.lease_id, 1);
  EXPECT_THAT(SeedsGranted(), IsEmpty());
  EXPECT_EQ(machine_.View("s").counters.done, 1);
  EXPECT_EQ(machine_.View("s").counters.leased, 0);
  machine_.Change("s", Kind::kResume);
  EXPECT_THAT(SeedsGranted(), ElementsAre(1, 2));
}

TEST_F(ControlTest, APauseLeavesWhatAnotherRunningSweepWants) {
  machine_.Submit(SpecOf("t", 9, kPacksOfOne));
  machine_.Connect("b");  // opens packs of `t`, whose trials are leased already
  machine_.TakeAll();
  machine_.Change("s", Kind::kPause);
  EXPECT_THAT(AskedBack(), IsEmpty());
}

TEST_F(ControlTest, APauseByTooManyFailuresGrantsNoMore) {
  Machine machine;
  machine.Submit(SpecOf("s", 9, std::string(kPacksOfOne) + "max_failures: 0\n"));
  machine.Connect("a");
  const auto grants = machine.Take<GrantMessage>("a");
  machine.Heartbeat("a", {{grants[0].lease_id, true}, {grants[1].lease_id, false}},
                    grants[1].grant_number);
  machine.Fail("a", grants[0].lease_id, 1, FailureClass::kInvalid);
  EXPECT_EQ(machine.View("s").state, SweepState::kPaused);
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
}

TEST_F(ControlTest, ALeaseThatIsBeingWrittenWhenItsSweepPausesIsNotGranted) {
  Machine machine;
  machine.Submit(SpecOf("s", 2));
  machine.Apply(WorkerConnected{.worker = AbleWorker("a"), .leases = {}, .unsent = {}});
  machine.Apply(ChangeSweep{.token = 7, .name = "s", .kind = Kind::kPause, .classes = {}});
  machine.Settle();
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  EXPECT_EQ(machine.View("s").counters.leased, 0);
  machine.Change("s", Kind::kResume);
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(1));
}

TEST_F(ControlTest, AMoreUrgentSweepIsGrantedBeforeWhatIsAhead) {
  machine_.Submit(SpecOf("t", 1, "priority: 1\n", 100));
  EXPECT_THAT(AskedBack(), ElementsAre(ahead_.lease_id));
  machine_.End("a", ahead_.lease_id, Reason::kReturned);
  EXPECT_THAT(SeedsGranted(), ElementsAre(100));
  machine_.Result("a", begun_.lease_id, 1);
  EXPECT_THAT(SeedsGranted(), ElementsAre(1));
}

TEST_F(ControlTest, AnUrgentSweepThatIsResumedIsGrantedBeforeWhatIsAhead) {
  machine_.Submit(SpecOf("t", 1, "priority: 1\n", 100));
  machine_.Change("t", Kind::kPause);
  machine_.End("a", ahead_.lease_id, Reason::kReturned);
  ASSERT_THAT(SeedsGranted(), ElementsAre(1));
  machine_.TakeAll();
  machine_.Change("t", Kind::kResume);
  EXPECT_THAT(AskedBack(), SizeIs(1));
}

TEST_F(ControlTest, ASweepOfTheSamePriorityWaitsItsTurn) {
  machine_.Submit(SpecOf("t", 1, "", 100));
  EXPECT_THAT(AskedBack(), IsEmpty());
  machine_.Result("a", begun_.lease_id, 1);
  EXPECT_THAT(SeedsGranted(), ElementsAre(100));
}

TEST_F(ControlTest, AnUrgentSweepThatTheWorkerMayNotRunAsksNothingBack) {
  machine_.Submit(SpecOf("t", 1, "priority: 1\nrequires: {device: cuda}\n", 100));
  EXPECT_THAT(AskedBack(), IsEmpty());
}

TEST_F(ControlTest, AnUrgentSweepAsksForNoMoreThanItHasTrials) {
  machine_.Connect("b");
  const auto grants = machine_.Take<GrantMessage>("b");
  ASSERT_THAT(grants, SizeIs(2));
  machine_.Submit(SpecOf("t", 1, "priority: 1\n", 100));
  EXPECT_EQ(machine_.Take<DropMessage>("a").size() + machine_.Take<DropMessage>("b").size(), 1u);
}

}  // namespace
}  // namespace firstguess
