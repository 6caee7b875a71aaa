#include <gtest/gtest.h>

#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "coordinator/grid/cost.h"
#include "coordinator/grid/grid.h"
#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

TEST(Commits, OutOfOrderAreRefusedAndChangeNothing) {
  absl::StatusOr<State> state = State::Restore(OpenWork(), State::Options(), absl::ZeroDuration());
  ASSERT_TRUE(state.ok());
  const auto commit = [&](int64_t number) {
    return state->Apply(WriteCommitted{.write_number = number, .result = {}}, absl::ZeroDuration(),
                        absl::UnixEpoch());
  };
  EXPECT_EQ(commit(1).status().message(),
            "write 1 was reported as committed, but no write is under way");
  ParsedSweep parsed = ParseSweep(SpecOf("s", 1), "s.yaml");
  ASSERT_TRUE(state
                  ->Apply(SubmitSweep{.token = 1,
                                      .request_id = "",
                                      .sweep = std::make_shared<const Sweep>(*parsed.sweep),
                                      .spec_text = ""},
                          absl::ZeroDuration(), absl::UnixEpoch())
                  .ok());
  EXPECT_EQ(commit(2).status().message(),
            "write 2 was reported as committed, but write 1 comes next");
  EXPECT_TRUE(commit(1).ok());
}

TEST(Commits, ThatContradictTheStateStopItForGood) {
  absl::StatusOr<State> state = State::Restore(OpenWork(), State::Options(), absl::ZeroDuration());
  ASSERT_TRUE(state.ok());
  ParsedSweep parsed = ParseSweep(SpecOf("s", 1), "s.yaml");
  ASSERT_TRUE(state
                  ->Apply(SubmitSweep{.token = 1,
                                      .request_id = "",
                                      .sweep = std::make_shared<const Sweep>(*parsed.sweep),
                                      .spec_text = ""},
                          absl::ZeroDuration(), absl::UnixEpoch())
                  .ok());
  WriteResult result;
  result.sweeps.push_back({.sweep_id = 99, .state = SweepState::kRunning, .counters = {}});
  const auto broken = state->Apply(WriteCommitted{.write_number = 1, .result = result},
                                   absl::ZeroDuration(), absl::UnixEpoch());
  EXPECT_EQ(broken.status().code(), absl::StatusCode::kInternal);
  EXPECT_EQ(state->Apply(Tick(), absl::ZeroDuration(), absl::UnixEpoch()).status(),
            broken.status());
}

TEST(Restore, RefusesASpecThatIsNoLongerValid) {
  OpenWork work;
  work.sweeps.push_back(
      {.sweep_id = 1,
       .name = "s",
       .counters = {},
       .revisions = {{.spec = "nonsense: 1", .canonical = "{}", .last_plan_index = {}}},
       .created_at = absl::UnixEpoch(),
       .finished_at = {}});
  const auto state = State::Restore(work, State::Options(), absl::ZeroDuration());
  EXPECT_EQ(state.status().code(), absl::StatusCode::kFailedPrecondition);
}

// A database that holds the first pack of a sweep of 100 cells in packs of 32; what a worker is
// granted next.
std::vector<OpenPack> NextPacks(int64_t plan_rules) {
  const double flops = TrialFlops(Grid(ParsedSpec(SpecOf("s", 100))).ConfigAt(0));
  OpenWork work;
  work.sweeps.push_back(
      {.sweep_id = 1,
       .name = "s",
       .counters = {.cells = 100, .done = 32},
       .revisions = {{.spec = SpecOf("s", 100,
                                     absl::StrCat("pack: {max_trials: 32, max_flops: ",
                                                  absl::StrFormat("%.17g", 32 * flops), "}\n")),
                      .canonical = "{}",
                      .plan_rules = plan_rules,
                      .last_plan_index = 0}},
       .created_at = absl::UnixEpoch(),
       .finished_at = {}});
  absl::StatusOr<State> state = State::Restore(work, State::Options(), absl::ZeroDuration());
  EXPECT_TRUE(state.ok()) << state.status();
  WorkerDescription worker = AbleWorker("a");
  worker.capacity = 2;
  const auto effects = state->Apply(WorkerConnected{.worker = worker, .leases = {}, .unsent = {}},
                                    absl::ZeroDuration(), absl::UnixEpoch());
  EXPECT_TRUE(effects.ok()) << effects.status();
  std::vector<OpenPack> packs;
  for (const NumberedWrite& write : effects->writes) {
    if (const auto* pack = std::get_if<OpenPack>(&write.write)) packs.push_back(*pack);
  }
  return packs;
}

TEST(Restore, GoesOnWithAPlanByTheRulesThatItWasBegunBy) {
  const std::vector<OpenPack> equal = NextPacks(1);
  ASSERT_EQ(equal.size(), 2);
  EXPECT_EQ(equal[0].plan_index, 32);
  EXPECT_EQ(equal[0].cells.size(), 32);
  EXPECT_EQ(equal[1].plan_index, 64);
  const std::vector<OpenPack> tapered = NextPacks(2);
  ASSERT_EQ(tapered.size(), 2);
  EXPECT_EQ(tapered[0].plan_index, 4);
  EXPECT_EQ(tapered[0].cells.size(), 4);
  EXPECT_EQ(tapered[1].plan_index, 8);
}

TEST(Restore, RefusesAPlanByRulesOfALaterVersion) {
  OpenWork work;
  work.sweeps.push_back(
      {.sweep_id = 1,
       .name = "s",
       .counters = {},
       .revisions =
           {{.spec = SpecOf("s", 1), .canonical = "{}", .plan_rules = 3, .last_plan_index = {}}},
       .created_at = absl::UnixEpoch(),
       .finished_at = {}});
  const auto state = State::Restore(work, State::Options(), absl::ZeroDuration());
  EXPECT_EQ(state.status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Restore, RefusesALeaseOfNoPack) {
  OpenWork work;
  work.leases.push_back(
      {.lease_id = 1, .pack_id = 2, .worker = "w", .instance_id = "i", .trials = {3}});
  const auto state = State::Restore(work, State::Options(), absl::ZeroDuration());
  EXPECT_EQ(state.status().code(), absl::StatusCode::kDataLoss);
}

TEST(Restore, EndsALeaseOfWhichNothingIsOpen) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Connect("a");
  const GrantMessage grant = machine.Take<GrantMessage>("a").front();
  machine.Apply(ResultArrived{.instance_id = "a",
                              .lease_id = grant.lease_id,
                              .trial_id = grant.members[0].trial_id,
                              .trajectory = std::make_shared<const Trajectory>()});
  machine.ExecuteOne();  // the result, but not the end of the lease
  machine.Restart();
  machine.Advance(absl::Seconds(1));
  EXPECT_EQ(machine.store().leases().at(grant.lease_id).outcome, "finished");
}

}  // namespace
}  // namespace firstguess
