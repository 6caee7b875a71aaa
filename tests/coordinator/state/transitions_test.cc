#include "coordinator/state/transitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace firstguess {
namespace {

using testing::ElementsAre;

// "from>to" of every legal transition between these states.
template <typename State>
std::vector<std::string> Legal(const std::vector<State>& states, absl::string_view (*name)(State)) {
  std::vector<std::string> legal;
  for (const State from : states) {
    for (const State to : states) {
      if (!CheckTransition(from, to).ok()) continue;
      legal.push_back(std::string(name(from)) + ">" + std::string(name(to)));
    }
  }
  return legal;
}

TEST(Transitions, OfATrial) {
  EXPECT_THAT(Legal<TrialStatus>({TrialStatus::kPending, TrialStatus::kLeased, TrialStatus::kDone,
                                  TrialStatus::kFailed, TrialStatus::kCancelled},
                                 TrialStatusName),
              ElementsAre("pending>leased", "pending>done", "pending>cancelled", "leased>pending",
                          "leased>done", "leased>failed", "leased>cancelled", "failed>pending",
                          "cancelled>pending"));
}

TEST(Transitions, OfASweep) {
  EXPECT_THAT(Legal<SweepState>({SweepState::kRunning, SweepState::kPaused, SweepState::kCancelled,
                                 SweepState::kDone},
                                SweepStateName),
              ElementsAre("running>paused", "running>cancelled", "running>done", "paused>running",
                          "paused>cancelled", "paused>done", "done>running"));
}

TEST(Transitions, OfALease) {
  EXPECT_THAT(Legal<LeaseState>({LeaseState::kOpening, LeaseState::kGranted, LeaseState::kEnded},
                                LeaseStateName),
              ElementsAre("opening>granted", "opening>ended", "granted>ended"));
}

TEST(Transitions, OfAWorker) {
  EXPECT_THAT(
      Legal<WorkerState>({WorkerState::kConnected, WorkerState::kDraining, WorkerState::kLost,
                          WorkerState::kCannotWork},
                         WorkerStateName),
      ElementsAre("connected>draining", "connected>lost", "draining>lost", "lost>connected",
                  "lost>draining", "lost>cannot work", "cannot work>draining", "cannot work>lost"));
}

TEST(Transitions, AnIllegalOneNamesBothStates) {
  const absl::Status status = CheckTransition(TrialStatus::kDone, TrialStatus::kLeased);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "a trial that is done can't become leased");
}

}  // namespace
}  // namespace firstguess
