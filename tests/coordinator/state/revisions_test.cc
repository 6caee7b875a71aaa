#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;
using Kind = ChangeSweep::Kind;

std::string ThreeWidths(int64_t seeds) {
  return absl::StrCat(
      "name: s\ndataset: fashion-mnist\ntrain: {steps: 10}\n"
      "grid: {width: [16, 32, 64], seed: {range: [0, ",
      seeds - 1, "]}}\n");
}

// Trains whatever the worker is granted; returns the seeds.
std::vector<int64_t> Finish(Machine& machine, const std::string& instance_id = "a") {
  std::vector<int64_t> seeds;
  for (auto grants = machine.Take<GrantMessage>(instance_id); !grants.empty();
       grants = machine.Take<GrantMessage>(instance_id)) {
    for (const GrantMessage& grant : grants) {
      for (const auto& member : grant.members) {
        seeds.push_back(member.config.seed);
        machine.Result(instance_id, grant.lease_id, member.trial_id);
      }
    }
  }
  return seeds;
}

Reply Extend(Machine& machine, const std::string& spec) { return machine.Submit(spec, "", true); }

TEST(Revisions, ANineCellGridGrownByThreeRunsExactlyThree) {
  Machine machine;
  machine.Submit(ThreeWidths(3));
  machine.Connect("a");
  EXPECT_THAT(Finish(machine), SizeIs(9));
  ASSERT_EQ(machine.View("s").state, SweepState::kDone);
  const Reply reply = Extend(machine, ThreeWidths(4));
  EXPECT_TRUE(reply.status.ok()) << reply.status;
  EXPECT_TRUE(reply.extended);
  EXPECT_EQ(machine.View("s").state, SweepState::kRunning);
  EXPECT_EQ(machine.View("s").revision, 2);
  EXPECT_THAT(Finish(machine), ElementsAre(3, 3, 3));
  EXPECT_EQ(machine.View("s").counters, (SweepCounters{.cells = 12, .done = 12}));
  EXPECT_EQ(machine.View("s").state, SweepState::kDone);
  EXPECT_THAT(machine.store().trials(), SizeIs(12));
}

// A spec of `lines`, which have a grid.
std::string SpecWith(const std::string& lines) {
  return absl::StrCat("name: s\ndataset: fashion-mnist\ntrain: {steps: 10}\n", lines);
}

TEST(Revisions, OfASampleWithALargerCountTrainOnlyNewDraws) {
  for (const char* method : {"random", "sobol"}) {
    SCOPED_TRACE(method);
    const auto sampled = [&](int64_t count) {
      return SpecWith(absl::StrCat("grid: {width: [16, 32, 64], seed: {range: [0, 99]}}\n",
                                   "sample: {count: ", count, ", method: ", method, "}\n"));
    };
    Machine machine;
    machine.Submit(sampled(10));
    machine.Connect("a");
    EXPECT_THAT(Finish(machine), SizeIs(10));
    EXPECT_EQ(machine.View("s").counters, (SweepCounters{.cells = 10, .done = 10}));
    machine.Restart();
    machine.Connect("a", 2);
    Extend(machine, sampled(25));
    EXPECT_THAT(Finish(machine), SizeIs(15));
    EXPECT_EQ(machine.View("s").counters, (SweepCounters{.cells = 25, .done = 25}));
    // All of them: what was drawn is known.
    Extend(machine, SpecWith("grid: {width: [16, 32, 64], seed: {range: [0, 99]}}\n"));
    EXPECT_THAT(Finish(machine), SizeIs(275));
    EXPECT_EQ(machine.View("s").counters, (SweepCounters{.cells = 300, .done = 300}));
  }
}

TEST(Revisions, OfAUnionTrainWhatNoGridBeforeHad) {
  Machine machine;
  machine.Submit(
      SpecWith("grid:\n  - {width: [16, 32], seed: {range: [0, 2]}}\n"
               "  - {zip: {width: [32, 64], seed: [1, 7]}}\n"));
  machine.Connect("a");
  EXPECT_THAT(Finish(machine), SizeIs(7));  // width 32 and seed 1 are in both
  ASSERT_EQ(machine.View("s").state, SweepState::kDone);
  const Reply refused =
      machine.Submit(SpecWith("grid: {width: [16, 32, 64], seed: {range: [0, 2]}}\n"
                              "exclude: [{width: 16, seed: [0, 1]}]\n"));
  EXPECT_THAT(std::string(refused.status.message()),
              HasSubstr("keeps 4 and drops 3, and it adds 3"));
  Extend(machine, SpecWith("grid: {width: [16, 32, 64], seed: {range: [0, 2]}}\n"
                           "exclude: [{width: 16, seed: [0, 1]}]\n"));
  EXPECT_THAT(Finish(machine), UnorderedElementsAre(0, 1, 2));
  EXPECT_EQ(machine.View("s").counters, (SweepCounters{.cells = 7, .done = 7}));
}

TEST(Revisions, WhoseCellsCannotBeCountedChangeNothing) {
  Machine machine;
  machine.Submit(SpecWith("grid: {seed: {range: [0, 9999998, 2]}}\n"));
  const Reply reply = Extend(machine, SpecWith("grid: {seed: {range: [0, 9999999]}}\n"));
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(machine.View("s").revision, 1);
  EXPECT_EQ(machine.View("s").counters.cells, 5'000'000);
}

TEST(Revisions, ASweepWithoutACellIsRefused) {
  Machine machine;
  const Reply reply =
      machine.Submit(SpecWith("grid: {width: [16, 32]}\nexclude: [{width: [16, 32]}]\n"));
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(machine.state().Sweeps(), IsEmpty());
}

TEST(Revisions, NeedToBeAskedFor) {
  Machine machine;
  machine.Submit(SpecOf("s", 5));
  const Reply reply = machine.Submit(SpecOf("s", 4, "", 3));
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(reply.status.message()), HasSubstr("keeps 2 and drops 3, and it adds 2"));
  EXPECT_EQ(machine.View("s").revision, 1);
  EXPECT_EQ(machine.View("s").counters.cells, 5);
}

TEST(Revisions, WithTheSameSpecExist) {
  Machine machine;
  machine.Submit(SpecOf("s", 5));
  const Reply reply = Extend(machine, SpecOf("s", 5));
  EXPECT_TRUE(reply.existed);
  EXPECT_FALSE(reply.extended);
  EXPECT_EQ(machine.View("s").revision, 1);
}

TEST(Revisions, ARepeatedRequestMakesOne) {
  Machine machine;
  machine.Submit(SpecOf("s", 5));
  machine.Submit(SpecOf("s", 6), "r", true);
  const Reply reply = machine.Submit(SpecOf("s", 6), "r", true);
  EXPECT_TRUE(reply.extended);
  EXPECT_EQ(machine.View("s").revision, 2);
}

TEST(Revisions, OfACancelledSweepAreRefused) {
  Machine machine;
  machine.Submit(SpecOf("s", 5));
  machine.Change("s", Kind::kCancel);
  EXPECT_EQ(Extend(machine, SpecOf("s", 6)).status.code(), absl::StatusCode::kFailedPrecondition);
  machine.Restart();
  EXPECT_EQ(Extend(machine, SpecOf("s", 6)).status.code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Revisions, ADroppedCellKeepsItsRowAndLeavesTheCounts) {
  Machine machine;
  machine.Submit(SpecOf("s", 4));
  machine.Connect("a");
  Finish(machine);
  Extend(machine, SpecOf("s", 2));
  EXPECT_EQ(machine.View("s").counters, (SweepCounters{.cells = 2, .done = 2}));
  EXPECT_EQ(machine.View("s").state, SweepState::kDone);
  const auto& rows = machine.store().sweeps().at(1).rows;
  ASSERT_THAT(rows, SizeIs(4));
  EXPECT_EQ(rows.at({1, 1}).dropped_in, std::nullopt);
  EXPECT_EQ(rows.at({1, 2}).dropped_in, 2);
}

TEST(Revisions, WorkOnADroppedCellIsStopped) {
  Machine machine;
  machine.Submit(SpecOf("s", 4, "pack: {max_trials: 2}\n"));
  machine.Connect("a");
  ASSERT_THAT(machine.Take<GrantMessage>("a"), SizeIs(2));
  Extend(machine, SpecOf("s", 2, "pack: {max_trials: 2}\n"));
  EXPECT_THAT(machine.Take<DropMessage>("a"),
              ElementsAre(testing::Field(&DropMessage::lease_id, 2)));
  EXPECT_EQ(machine.store().trials().at(2).status, TrialStatus::kLeased);
  EXPECT_EQ(machine.store().trials().at(3).status, TrialStatus::kCancelled);
  EXPECT_EQ(machine.View("s").counters, (SweepCounters{.cells = 2, .leased = 2}));
}

TEST(Revisions, ADroppedCellsTrialGoesOnForAnotherSweep) {
  Machine machine;
  machine.Submit(SpecOf("s", 2));
  machine.Submit(SpecOf("t", 2));
  machine.Connect("a");
  const GrantMessage grant = machine.Take<GrantMessage>("a").front();
  Extend(machine, SpecOf("s", 1));
  EXPECT_THAT(machine.Take<DropMessage>("a"), IsEmpty());
  for (const auto& member : grant.members) machine.Result("a", grant.lease_id, member.trial_id);
  EXPECT_EQ(machine.View("s").counters, (SweepCounters{.cells = 1, .done = 1}));
  EXPECT_EQ(machine.View("t").counters, (SweepCounters{.cells = 2, .done = 2}));
}

TEST(Revisions, ACellDroppedBeforeItsPackIsOpenedNeverRuns) {
  Machine machine;
  machine.Submit(SpecOf("s", 100, "pack: {max_trials: 10}\n"));
  Extend(machine, SpecOf("s", 3, "pack: {max_trials: 10}\n", 55));
  machine.Connect("a");
  EXPECT_THAT(Finish(machine), ElementsAre(55, 56, 57));
  EXPECT_EQ(machine.View("s").state, SweepState::kDone);
  EXPECT_THAT(machine.store().packs(), SizeIs(1));
  // In the pack and the slot that the first revision gave it.
  EXPECT_EQ(machine.store().packs().at(1).plan_index, 50);
  EXPECT_EQ(machine.store().trials().at(1).slot, 5);
}

TEST(Revisions, ACellThatIsBackRunsOnlyIfItNeverFinished) {
  Machine machine;
  machine.Submit(SpecOf("s", 6, "pack: {max_trials: 2}\n"));
  machine.Connect("a");
  const auto grants = machine.Take<GrantMessage>("a");
  for (const auto& member : grants[0].members) {
    machine.Result("a", grants[0].lease_id, member.trial_id);  // seeds 0 and 1
  }
  machine.TakeAll();  // seeds 4 and 5 were granted too, and are not begun
  Extend(machine, SpecOf("s", 1, "", 9));
  EXPECT_THAT(Finish(machine), ElementsAre(9));
  Extend(machine, SpecOf("s", 6));
  EXPECT_EQ(machine.View("s").revision, 3);
  EXPECT_THAT(Finish(machine), UnorderedElementsAre(2, 3, 4, 5));
  EXPECT_EQ(machine.View("s").counters, (SweepCounters{.cells = 6, .done = 6}));
}

TEST(Revisions, KnownTrialsOfOtherSweepsAreNotRunAgain) {
  Machine machine;
  machine.Submit(SpecOf("t", 10));
  machine.Connect("a");
  Finish(machine);
  machine.Submit(SpecOf("s", 2));
  Extend(machine, SpecOf("s", 12));
  EXPECT_THAT(Finish(machine), UnorderedElementsAre(10, 11));
  EXPECT_EQ(machine.View("s").state, SweepState::kDone);
}

TEST(Revisions, SurviveARestartWithTheirCursors) {
  Machine machine;
  machine.Submit(SpecOf("s", 6, "pack: {max_trials: 1}\n"));
  WorkerDescription worker = AbleWorker("a");
  worker.capacity = 1;
  machine.Connect(worker);
  Extend(machine, SpecOf("s", 5, "pack: {max_trials: 1}\n", 3));
  machine.Restart();
  EXPECT_EQ(machine.View("s").revision, 2);
  EXPECT_EQ(machine.View("s").counters.cells, 5);
  machine.Advance(absl::Seconds(31));  // the lease of seed 3 ends, which "a" was granted
  machine.Connect("b");
  EXPECT_THAT(Finish(machine, "b"), UnorderedElementsAre(3, 4, 5, 6, 7));
  EXPECT_EQ(machine.View("s").state, SweepState::kDone);
}

TEST(Revisions, TakeThePriorityOfTheLatest) {
  Machine machine;
  machine.Submit(SpecOf("s", 1, "", 0));
  machine.Submit(SpecOf("t", 1, "priority: 1\n", 1));
  Extend(machine, SpecOf("s", 1, "priority: 2\n", 0));
  WorkerDescription worker = AbleWorker("a");
  worker.capacity = 1;
  machine.Connect(worker);
  EXPECT_THAT(Finish(machine), ElementsAre(0, 1));
}

TEST(Revisions, OfHugeGridsAreMadeWithoutEnumeratingThem) {
  Machine machine;
  machine.Submit(SpecOf("s", 999999999990));
  Extend(machine, SpecOf("s", 10, "", 999999999985));
  machine.Connect("a");
  EXPECT_EQ(Finish(machine).size(), 10);
  EXPECT_EQ(machine.View("s").state, SweepState::kDone);
}

}  // namespace
}  // namespace firstguess
