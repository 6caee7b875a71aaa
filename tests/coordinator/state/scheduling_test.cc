#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "coordinator/state/matching.h"
#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Reason = LeaseReportedEnded::Reason;

constexpr char kScheduledPairs[] = "pack: {max_trials: 2}\n";
constexpr char kSingles[] = "pack: {max_trials: 1}\n";

std::vector<int64_t> Seeds(const GrantMessage& grant) {
  std::vector<int64_t> seeds;
  for (const auto& member : grant.members) seeds.push_back(member.config.seed);
  return seeds;
}

TEST(Scheduling, AWorkerIsKeptAtItsCapacityOfLeases) {
  Machine machine;
  machine.Submit(SpecOf("s", 10, kScheduledPairs));
  machine.Connect("a");
  const auto grants = machine.Take<GrantMessage>("a");
  ASSERT_THAT(grants, SizeIs(2));
  machine.Result("a", grants[0].lease_id, grants[0].members[0].trial_id);
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  machine.Result("a", grants[0].lease_id, grants[0].members[1].trial_id);
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(1));
}

TEST(Scheduling, PacksComeInTheOrderOfThePlanWithTheirSlots) {
  Machine machine;
  machine.Submit(SpecOf("s", 3, kScheduledPairs));
  machine.Connect("a");
  const auto grants = machine.Take<GrantMessage>("a");
  ASSERT_THAT(grants, SizeIs(2));
  EXPECT_THAT(Seeds(grants[0]), ElementsAre(0, 1));
  EXPECT_EQ(grants[0].members[1].slot, 1);
  EXPECT_THAT(Seeds(grants[1]), ElementsAre(2));
  EXPECT_LT(grants[0].grant_number, grants[1].grant_number);
}

TEST(Scheduling, AGrantLeavesOnlyAfterItsCommit) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Apply(WorkerConnected{.worker = AbleWorker("a"), .leases = {}, .unsent = {}});
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  machine.ExecuteOne();
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  machine.ReportOne();
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(1));
}

TEST(Scheduling, TheHighestPriorityGoesFirst) {
  Machine machine;
  machine.Submit(SpecOf("low", 1, "priority: -1\n", 0));
  machine.Submit(SpecOf("high", 1, "priority: 7\n", 10));
  machine.Submit(SpecOf("middle", 1, "", 20));
  machine.Connect("a");
  const auto grants = machine.Take<GrantMessage>("a");
  ASSERT_THAT(grants, SizeIs(2));
  EXPECT_THAT(Seeds(grants[0]), ElementsAre(10));
  EXPECT_THAT(Seeds(grants[1]), ElementsAre(20));
}

TEST(Scheduling, SweepsOfEqualPriorityTakeTurns) {
  Machine machine;
  machine.Submit(SpecOf("s", 9, kSingles, 0));
  machine.Submit(SpecOf("t", 9, kSingles, 100));
  WorkerDescription worker = AbleWorker("a");
  worker.capacity = 6;
  machine.Connect(worker);
  std::vector<int64_t> seeds;
  for (const GrantMessage& grant : machine.Take<GrantMessage>("a")) {
    seeds.push_back(Seeds(grant).front());
  }
  EXPECT_THAT(seeds, ElementsAre(0, 100, 1, 101, 2, 102));
}

TEST(Scheduling, WorkersWithFewestLeasesComeFirst) {
  Machine machine;
  machine.Connect("a");
  machine.Connect("b");
  machine.Submit(SpecOf("s", 2, kSingles));
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(1));
  EXPECT_THAT(machine.Take<GrantMessage>("b"), SizeIs(1));
}

TEST(Scheduling, OnlyAWorkerThatMeetsTheRequirementsIsGranted) {
  Machine machine;
  machine.Submit(
      SpecOf("s", 9, "requires: {device: cuda, device_name: H100, memory: 1000, labels: [big]}\n"));
  WorkerDescription worker = AbleWorker("able");
  worker.device = "cuda";
  worker.device_name = "NVIDIA H100 80GB";
  worker.memory_bytes = 1000;
  worker.labels = {"red", "big"};

  WorkerDescription other = worker;
  other.instance_id = "device";
  other.device = "cpu";
  machine.Connect(other);
  EXPECT_THAT(machine.Take<GrantMessage>("device"), IsEmpty());
  other = worker;
  other.instance_id = "name";
  other.device_name = "NVIDIA A100";
  machine.Connect(other);
  EXPECT_THAT(machine.Take<GrantMessage>("name"), IsEmpty());
  other = worker;
  other.instance_id = "memory";
  other.memory_bytes = 999;
  machine.Connect(other);
  EXPECT_THAT(machine.Take<GrantMessage>("memory"), IsEmpty());
  other = worker;
  other.instance_id = "label";
  other.labels = {"red"};
  machine.Connect(other);
  EXPECT_THAT(machine.Take<GrantMessage>("label"), IsEmpty());
  other = worker;
  other.instance_id = "dataset";
  other.datasets = {"mnist"};
  machine.Connect(other);
  EXPECT_THAT(machine.Take<GrantMessage>("dataset"), IsEmpty());

  machine.Connect(worker);
  EXPECT_THAT(machine.Take<GrantMessage>("able"), SizeIs(1));
}

TEST(Scheduling, NeedsAreSaidAsASweepFileHasThem) {
  Shape shape;
  shape.dataset = "mnist";
  Requirements needs;
  needs.memory_bytes = 1025;
  EXPECT_EQ(NeedsText(needs, shape), "1025 bytes of memory, data set mnist");
  needs.device = "cuda";
  needs.memory_bytes = int64_t{16} << 30;
  needs.labels = {"big"};
  EXPECT_EQ(NeedsText(needs, shape), "device cuda, 16 GiB of memory, label big, data set mnist");
}

TEST(Scheduling, AWorkerThatCannotWorkIsGrantedNothing) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  WorkerDescription worker = AbleWorker("a");
  worker.cannot_work_reason = "no driver";
  machine.Connect(worker);
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  EXPECT_EQ(machine.WorkerOf("a").state, "cannot work");
}

TEST(Scheduling, ADrainingWorkerIsGrantedNothingMore) {
  Machine machine;
  machine.Submit(SpecOf("s", 9, kSingles));
  machine.Connect("a");
  const auto grants = machine.Take<GrantMessage>("a");
  ASSERT_THAT(grants, SizeIs(2));
  machine.Apply(DrainWorker{.token = 1, .name = "name of a"});
  EXPECT_THAT(machine.Take<DrainMessage>("a"), SizeIs(1));
  EXPECT_EQ(machine.TakeReplies().back().count, 1);
  machine.Result("a", grants[0].lease_id, grants[0].members[0].trial_id);
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  EXPECT_EQ(machine.WorkerOf("a").state, "draining");
}

TEST(Scheduling, AFullDiskStopsGrantingUntilThereIsRoom) {
  Machine machine;
  machine.Apply(DiskFull{.full = true});
  machine.Submit(SpecOf("s", 1));
  machine.Connect("a");
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  machine.Apply(DiskFull{.full = false});
  machine.Settle();
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(1));
}

TEST(Scheduling, APackWithoutMembersLeavesItsWorkerFree) {
  Machine machine;
  machine.Submit(SpecOf("s", 2, kScheduledPairs));
  machine.Connect("a");
  const GrantMessage grant = machine.Take<GrantMessage>("a").front();
  for (const auto& member : grant.members) machine.Result("a", grant.lease_id, member.trial_id);
  machine.Submit(SpecOf("again", 2, kScheduledPairs));
  EXPECT_EQ(machine.View("again").state, SweepState::kDone);
  EXPECT_EQ(machine.WorkerOf("a").leases, 0);
  machine.Submit(SpecOf("other", 2, kScheduledPairs, 10));
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(1));
}

TEST(Scheduling, ALeaseAheadIsReclaimedWhenAnotherWorkerIsIdle) {
  Machine machine;
  machine.Submit(SpecOf("s", 2, kSingles));
  machine.Connect("a");
  const auto grants = machine.Take<GrantMessage>("a");
  ASSERT_THAT(grants, SizeIs(2));
  machine.Connect("b");
  const auto drops = machine.Take<DropMessage>("a");
  ASSERT_THAT(drops, SizeIs(1));
  EXPECT_EQ(drops[0].lease_id, grants[1].lease_id);
  EXPECT_TRUE(drops[0].only_if_not_begun);
  machine.End("a", grants[1].lease_id, Reason::kReturned);
  const auto moved = machine.Take<GrantMessage>("b");
  ASSERT_THAT(moved, SizeIs(1));
  EXPECT_EQ(moved[0].members[0].trial_id, grants[1].members[0].trial_id);
  EXPECT_EQ(machine.store().trials().at(moved[0].members[0].trial_id).attempts, 0);
}

TEST(Scheduling, AnIdleWorkerAsksForOneLeaseAtATime) {
  Machine machine;
  machine.Submit(SpecOf("s", 3, kSingles));
  WorkerDescription hoarder = AbleWorker("a");
  hoarder.capacity = 3;
  machine.Connect(hoarder);
  const auto grants = machine.Take<GrantMessage>("a");
  ASSERT_THAT(grants, SizeIs(3));
  machine.Connect("b");
  machine.Heartbeat("b", {});
  EXPECT_THAT(machine.Take<DropMessage>("a"), SizeIs(1));
}

TEST(Scheduling, ABegunLeaseIsNotReclaimed) {
  Machine machine;
  machine.Submit(SpecOf("s", 2, kSingles));
  machine.Connect("a");
  const auto grants = machine.Take<GrantMessage>("a");
  ASSERT_THAT(grants, SizeIs(2));
  machine.Heartbeat("a", {{grants[0].lease_id, true}, {grants[1].lease_id, true}},
                    grants[1].grant_number);
  machine.Connect("b");
  EXPECT_THAT(machine.Take<DropMessage>("a"), IsEmpty());
}

TEST(Scheduling, IncapableBarsThatWorkerAndShapeAndChargesNobody) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Connect("a");
  const GrantMessage grant = machine.Take<GrantMessage>("a").front();
  machine.End("a", grant.lease_id, Reason::kIncapable);
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  // Another shape is another matter.
  machine.Submit(SpecOf("wide", 1, "width: 65\n"));
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(1));
  machine.Connect("b");
  const auto taken = machine.Take<GrantMessage>("b");
  ASSERT_THAT(taken, SizeIs(1));
  EXPECT_EQ(taken[0].members[0].trial_id, grant.members[0].trial_id);
  EXPECT_EQ(machine.store().trials().at(grant.members[0].trial_id).attempts, 0);
}

TEST(Scheduling, AWorkerThatHandsBackIsGrantedNothingBeforeItsHeartbeat) {
  Machine machine;
  machine.Submit(SpecOf("s", 5, kSingles));
  machine.Connect("a");
  const auto grants = machine.Take<GrantMessage>("a");
  machine.End("a", grants[0].lease_id, Reason::kReturned);
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  machine.Heartbeat("a", {{grants[1].lease_id, true}}, grants[1].grant_number);
  machine.Result("a", grants[1].lease_id, grants[1].members[0].trial_id);
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(2));
}

TEST(Scheduling, APackInHandIsRegrantedBeforeThePlanGoesOn) {
  Machine machine;
  machine.Submit(SpecOf("s", 9, kSingles));
  WorkerDescription worker = AbleWorker("a");
  worker.capacity = 1;
  machine.Connect(worker);
  const GrantMessage grant = machine.Take<GrantMessage>("a").front();
  machine.End("a", grant.lease_id, Reason::kDropped);
  const auto again = machine.Take<GrantMessage>("a");
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(Seeds(again[0]), Seeds(grant));
  EXPECT_NE(again[0].lease_id, grant.lease_id);
}

TEST(Scheduling, ManyWorkersAtOnceAreServedInBoundedSteps) {
  Machine machine;
  for (int i = 0; i < 150; ++i) machine.Connect(absl::StrCat("w", i));
  machine.Submit(SpecOf("s", 400, kSingles));
  for (int i = 0; i < 150; ++i) {
    EXPECT_THAT(machine.Take<GrantMessage>(absl::StrCat("w", i)), SizeIs(2)) << i;
  }
}

}  // namespace
}  // namespace firstguess
