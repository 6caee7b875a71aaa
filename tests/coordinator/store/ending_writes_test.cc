// Writes that end what is under way without a result, and those that take a failure back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/store/writes_fixture.h"

namespace firstguess {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(Writes, EndAttemptChargesAndMakesPending) {
  OpenPackOf(2, 2);
  const WriteResult result = store_.Do(Failure(1, /*final_failure=*/false));
  EXPECT_EQ(Row(path_, "SELECT status, attempts, failure_class FROM trial WHERE trial_id = 1"),
            "pending|1|NULL");
  EXPECT_EQ(Row(path_, "SELECT ended_at, outcome, message FROM attempt WHERE trial_id = 1"),
            "1000005.0|crash|signal 11");
  ASSERT_THAT(result.sweeps, SizeIs(1));
  EXPECT_EQ(result.sweeps[0].counters, (SweepCounters{.cells = 2, .leased = 1}));
}

TEST_F(Writes, EndAttemptWithoutChargeLeavesTheCountAlone) {
  OpenPackOf(1, 1);
  EndAttempt write = Failure(1, /*final_failure=*/false);
  write.charged = false;
  write.failure = FailureClass::kPreempted;
  store_.Do(write);
  EXPECT_EQ(Row(path_, "SELECT status, attempts FROM trial"), "pending|0");
  EXPECT_EQ(Row(path_, "SELECT outcome FROM attempt"), "preempted");
}

TEST_F(Writes, EndAttemptForGoodFailsTheTrialAndMayFinishTheSweep) {
  OpenPackOf(1, 1);
  const WriteResult result = store_.Do(Failure(1, /*final_failure=*/true));
  EXPECT_EQ(Row(path_,
                "SELECT status, attempts, failure_class, failure_message, finished_at"
                " FROM trial"),
            "failed|1|crash|signal 11|1000005.0");
  EXPECT_THAT(result.sweeps, ElementsAre(Field(&ChangedSweep::state, SweepState::kDone)));
  EXPECT_EQ(Progress(1), "1|0|1|0|0|0|0");
}

TEST_F(Writes, EndLeaseClosesOnlyWhatIsStillOpen) {
  OpenPackOf(3, 3);
  store_.Do(ResultOf(1, 1));
  store_.Do(Failure(2, /*final_failure=*/true));
  store_.Do(EndLease{.lease_id = 1, .outcome = "lost", .message = "gone", .at = At(9)});
  EXPECT_EQ(Row(path_, "SELECT ended_at, outcome FROM lease"), "1000009.0|lost");
  EXPECT_THAT(Rows(path_, "SELECT outcome, message FROM attempt"),
              ElementsAre("finished|NULL", "crash|signal 11", "lost|gone"));
  EXPECT_EQ(Progress(1), "3|1|1|0|0|1|0");
}

TEST_F(Writes, SplitPackMovesTrialsAndMarksThem) {
  OpenPackOf(3, 3);
  store_.Do(EndLease{.lease_id = 1, .outcome = "crash", .message = "", .at = At(9)});
  store_.Do(SplitPack{.pack_id = 1,
                      .parts = {{.pack_id = 2, .trials = {1, 2}}, {.pack_id = 3, .trials = {3}}}});
  EXPECT_THAT(Rows(path_, "SELECT * FROM pack"),
              ElementsAre("1|1|1|1|NULL", "2|1|1|1|1", "3|1|1|1|1"));
  EXPECT_THAT(Rows(path_, "SELECT trial_id, pack_id, slot, replanned FROM trial"),
              ElementsAre("1|2|0|1", "2|2|1|1", "3|3|2|1"));
}

TEST_F(Writes, CancelTrialsLeavesFinishedOnesAlone) {
  OpenPackOf(3, 5);
  store_.Do(ResultOf(1, 1));
  store_.Do(Failure(2, /*final_failure=*/false));
  store_.Do(SetSweepState{.sweep_id = 1, .state = SweepState::kCancelled, .at = At(6)});
  store_.Do(CancelTrials{.trials = {1, 2, 3}, .at = At(7)});
  EXPECT_THAT(Rows(path_, "SELECT status, finished_at FROM trial"),
              ElementsAre("done|1000000.0", "cancelled|1000007.0", "cancelled|1000007.0"));
  EXPECT_EQ(Row(path_, "SELECT ended_at, outcome FROM attempt WHERE trial_id = 3"),
            "1000007.0|dropped");
  EXPECT_EQ(Progress(1), "5|1|0|4|0|0|0");
}

TEST_F(Writes, CancellingASweepCancelsItsCellsButNotTrialsThatOthersWant) {
  OpenPackOf(2, 5);
  store_.Do(Failure(1, /*final_failure=*/false));
  store_.Do(SweepOf(2, 2));
  store_.Do(PackOf(2, 2, {0, 1}));
  const WriteResult result =
      store_.Do(SetSweepState{.sweep_id = 1, .state = SweepState::kCancelled, .at = At(6)});
  ASSERT_THAT(result.sweeps, SizeIs(1));
  EXPECT_EQ(result.sweeps[0].counters, (SweepCounters{.cells = 5, .cancelled = 3, .leased = 1}));
  EXPECT_EQ(Progress(1), "5|0|0|3|1|1|0");
  EXPECT_EQ(SweepRow(1), "cancelled|1000006.0");
  store_.Do(ResultOf(2, 1));
  EXPECT_EQ(Progress(1), "5|1|0|3|0|1|0");
}

TEST_F(Writes, PausedSweepsBecomeDoneWithTheirLastCell) {
  OpenPackOf(1, 1);
  store_.Do(SetSweepState{.sweep_id = 1, .state = SweepState::kPaused, .at = At(1)});
  EXPECT_EQ(SweepRow(1), "paused|NULL");
  store_.Do(ResultOf(1, 1, 2));
  EXPECT_EQ(SweepRow(1), "done|1000002.0");
  // A pause that was on its way meanwhile comes too late.
  const WriteResult late =
      store_.Do(SetSweepState{.sweep_id = 1, .state = SweepState::kPaused, .at = At(3)});
  EXPECT_EQ(SweepRow(1), "done|1000002.0");
  EXPECT_THAT(late.sweeps, IsEmpty());
}

TEST_F(Writes, RetryFailedForgetsFailuresAndWakesDoneSweeps) {
  OpenPackOf(2, 2);
  store_.Do(SweepOf(2, 1));
  store_.Do(PackOf(2, 2, {0}));
  store_.Do(Failure(1, /*final_failure=*/true));
  store_.Do(ResultOf(2, 1, 5));
  EXPECT_EQ(SweepRow(1), "done|1000005.0");
  const WriteResult result = store_.Do(RetryFailed{.sweep_id = 1, .classes = {}});
  EXPECT_THAT(result.retried,
              ElementsAre(AllOf(Field(&StoredTrial::trial_id, 1), Field(&StoredTrial::pack_id, 1),
                                Field(&StoredTrial::status, TrialStatus::kPending),
                                Field(&StoredTrial::attempts, 0))));
  EXPECT_THAT(result.retried_wanted_by, ElementsAre(ElementsAre(1, 2)));
  EXPECT_EQ(Row(path_,
                "SELECT status, attempts, failure_class, failure_message, finished_at"
                " FROM trial WHERE trial_id = 1"),
            "pending|0|NULL|NULL|NULL");
  EXPECT_EQ(SweepRow(1), "running|NULL");
  EXPECT_EQ(SweepRow(2), "running|NULL");
}

TEST_F(Writes, RetryFailedTakesOnlyTheClassesAskedFor) {
  OpenPackOf(2, 2);
  store_.Do(Failure(1, /*final_failure=*/true));
  EndAttempt invalid = Failure(2, /*final_failure=*/true);
  invalid.failure = FailureClass::kInvalid;
  store_.Do(invalid);
  const WriteResult result =
      store_.Do(RetryFailed{.sweep_id = 1, .classes = {FailureClass::kInvalid}});
  EXPECT_THAT(result.retried, ElementsAre(Field(&StoredTrial::trial_id, 2)));
  EXPECT_EQ(StatusOf(1), "failed");
}

TEST_F(Writes, RetryFailedOfOneSweepLeavesTheFailuresOfOthersAlone) {
  OpenPackOf(1, 1);
  store_.Do(Failure(1, /*final_failure=*/true));
  store_.Do(SweepOf(2, 1));
  EXPECT_THAT(store_.Do(RetryFailed{.sweep_id = 2, .classes = {}}).retried, IsEmpty());
  EXPECT_EQ(StatusOf(1), "failed");
}

}  // namespace
}  // namespace firstguess
