#include <gtest/gtest.h>

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
