#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

constexpr char kOfFour[] = "pack: {max_trials: 4}\n";

// Trial and slot of each member.
std::vector<std::pair<TrialId, int64_t>> MembersOf(const GrantMessage& grant) {
  std::vector<std::pair<TrialId, int64_t>> members;
  for (const auto& member : grant.members) members.emplace_back(member.trial_id, member.slot);
  return members;
}

void ConnectOne(Machine& machine, const std::string& instance_id) {
  WorkerDescription worker = AbleWorker(instance_id);
  worker.capacity = 1;
  machine.Connect(worker);
}

// Seeds 0-3, then 2-5: the second pack has the slots of its plan, but not the first's trials.
TEST(Packs, MembersThatAnotherPackOwnsAreLeftOutWhenTheyAreFirstGranted) {
  Machine machine;
  machine.Submit(SpecOf("s", 4, kOfFour));
  machine.Submit(SpecOf("t", 4, kOfFour, 2));
  ConnectOne(machine, "a");
  ConnectOne(machine, "b");
  EXPECT_THAT(MembersOf(machine.Take<GrantMessage>("a").front()),
              ElementsAre(Pair(1, 0), Pair(2, 1), Pair(3, 2), Pair(4, 3)));
  EXPECT_THAT(MembersOf(machine.Take<GrantMessage>("b").front()),
              ElementsAre(Pair(5, 2), Pair(6, 3)));
}

// What a pack's members are is known after a crash right behind the commit that opened it.
TEST(Packs, AreWrittenDownInTheCommitOfTheirFirstAttempts) {
  Machine machine;
  machine.Submit(SpecOf("s", 4, kOfFour));
  machine.Submit(SpecOf("t", 4, kOfFour, 2));
  machine.Apply(WorkerConnected{.worker = AbleWorker("a"), .leases = {}, .unsent = {}});
  ASSERT_TRUE(machine.ExecuteOne());
  ASSERT_TRUE(machine.ExecuteOne());
  machine.Restart();
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  for (const TrialId id : {5, 6}) {
    EXPECT_EQ(machine.store().trials().at(id).pack_id, 2);
    EXPECT_THAT(machine.store().attempts(id), SizeIs(1));
  }
  // The grants never left; the leases expire, and the same members are granted again.
  machine.Advance(absl::Seconds(31));
  machine.Connect("b");
  const auto grants = machine.Take<GrantMessage>("b");
  ASSERT_THAT(grants, SizeIs(2));
  EXPECT_THAT(MembersOf(grants[1]), ElementsAre(Pair(5, 2), Pair(6, 3)));
}

TEST(Packs, ARetryRunsTheUnfinishedSlots) {
  Machine machine;
  machine.Submit(SpecOf("s", 4, kOfFour));
  ConnectOne(machine, "a");
  const GrantMessage first = machine.Take<GrantMessage>("a").front();
  machine.Result("a", first.lease_id, 2);
  machine.End("a", first.lease_id, LeaseReportedEnded::Reason::kReturned);
  machine.Heartbeat("a", {}, first.grant_number);
  EXPECT_THAT(MembersOf(machine.Take<GrantMessage>("a").front()),
              ElementsAre(Pair(1, 0), Pair(3, 2), Pair(4, 3)));
}

TEST(Packs, SplitAfterAFailureStaySplitAfterARestartAndTheirTrialsMarked) {
  Machine machine;
  machine.Submit(SpecOf("s", 4, kOfFour));
  ConnectOne(machine, "a");
  const LeaseId lease = machine.Take<GrantMessage>("a").front().lease_id;
  machine.End("a", lease, LeaseReportedEnded::Reason::kCrashed);
  machine.Restart();
  for (const auto& [id, trial] : machine.store().trials()) {
    EXPECT_TRUE(trial.replanned) << id;
    EXPECT_EQ(trial.attempts, 0) << id;
  }
  machine.Advance(absl::Seconds(31));
  machine.Connect("b");
  const auto grants = machine.Take<GrantMessage>("b");
  ASSERT_THAT(grants, SizeIs(2));
  EXPECT_THAT(MembersOf(grants[0]), ElementsAre(Pair(1, 0), Pair(2, 1)));
  EXPECT_THAT(MembersOf(grants[1]), ElementsAre(Pair(3, 2), Pair(4, 3)));
}

// Whatever is lost between them, a pack's trials are with one worker at a time.
TEST(Packs, HaveOneOpenLease) {
  Machine machine;
  machine.Submit(SpecOf("s", 4, kOfFour));
  ConnectOne(machine, "a");
  ConnectOne(machine, "b");
  ASSERT_THAT(machine.Take<GrantMessage>("a"), SizeIs(1));
  machine.Apply(WorkerDisconnected{.instance_id = "a", .epoch = 1});
  machine.Heartbeat("b", {});
  machine.Advance(absl::Seconds(20));
  EXPECT_THAT(machine.Take<GrantMessage>("b"), IsEmpty());
  machine.Heartbeat("b", {});
  machine.Advance(absl::Seconds(11));
  EXPECT_THAT(machine.Take<GrantMessage>("b"), SizeIs(1));
  machine.Connect("a", /*epoch=*/2, {{.lease_id = 1, .begun = true}});
  EXPECT_THAT(machine.Take<WelcomeMessage>("a").back().drop, ElementsAre(1));
}

}  // namespace
}  // namespace firstguess
