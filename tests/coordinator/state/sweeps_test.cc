#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using Kind = ChangeSweep::Kind;

void FinishAllOf(Machine& machine, const std::string& instance_id) {
  for (auto grants = machine.Take<GrantMessage>(instance_id); !grants.empty();
       grants = machine.Take<GrantMessage>(instance_id)) {
    for (const GrantMessage& grant : grants) {
      for (const auto& member : grant.members) {
        machine.Result(instance_id, grant.lease_id, member.trial_id);
      }
    }
  }
}

TEST(Sweeps, AreAnsweredOnlyAfterTheirCommit) {
  Machine machine;
  ParsedSweep parsed = ParseSweep(SpecOf("s", 3), "s.yaml");
  machine.Apply(SubmitSweep{.token = 4,
                            .request_id = "r",
                            .sweep = std::make_shared<const Sweep>(*parsed.sweep),
                            .spec_text = SpecOf("s", 3)});
  EXPECT_THAT(machine.TakeReplies(), IsEmpty());
  machine.Settle();
  const std::vector<Reply> replies = machine.TakeReplies();
  ASSERT_THAT(replies, SizeIs(1));
  EXPECT_EQ(replies[0].token, 4);
  EXPECT_EQ(replies[0].sweep_id, 1);
  EXPECT_FALSE(replies[0].existed);
  EXPECT_EQ(machine.View("s").counters.cells, 3);
}

TEST(Sweeps, OfAKnownNameAndSpecExist) {
  Machine machine;
  machine.Submit(SpecOf("s", 3), "r1");
  const Reply reply = machine.Submit(SpecOf("s", 3), "r2");
  EXPECT_TRUE(reply.status.ok());
  EXPECT_TRUE(reply.existed);
  EXPECT_EQ(reply.sweep_id, 1);
  EXPECT_THAT(machine.store().sweeps(), SizeIs(1));
}

TEST(Sweeps, OfAKnownNameAndAnotherSpecAreRefused) {
  Machine machine;
  machine.Submit(SpecOf("s", 3));
  const Reply reply = machine.Submit(SpecOf("s", 4));
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(reply.status.message()), HasSubstr("choose another name"));
}

TEST(Sweeps, ARepeatedRequestGetsTheFirstAnswer) {
  Machine machine;
  machine.Submit(SpecOf("s", 3), "r");
  const Reply reply = machine.Submit(SpecOf("s", 3), "r");
  EXPECT_FALSE(reply.existed);
  EXPECT_EQ(reply.sweep_id, 1);
}

TEST(Sweeps, AnAnswerThatASweepExistsWaitsForItsCommitToo) {
  Machine machine;
  ParsedSweep parsed = ParseSweep(SpecOf("s", 3), "s.yaml");
  SubmitSweep submit = {.token = 1,
                        .request_id = "",
                        .sweep = std::make_shared<const Sweep>(*parsed.sweep),
                        .spec_text = SpecOf("s", 3)};
  machine.Apply(submit);
  submit.token = 2;
  machine.Apply(submit);
  EXPECT_THAT(machine.TakeReplies(), IsEmpty());
  machine.Settle();
  EXPECT_THAT(machine.TakeReplies(), SizeIs(2));
}

TEST(Sweeps, PausedAreGrantedNoMoreUntilResumed) {
  Machine machine;
  machine.Submit(SpecOf("s", 9, "pack: {max_trials: 1}\n"));
  EXPECT_TRUE(machine.Change("s", Kind::kPause).status.ok());
  machine.Connect("a");
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  EXPECT_TRUE(machine.Change("s", Kind::kResume).status.ok());
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(2));
}

TEST(Sweeps, ThatArePausedKeepWhatIsRunning) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Connect("a");
  machine.Change("s", Kind::kPause);
  EXPECT_THAT(machine.Take<DropMessage>("a"), IsEmpty());
  FinishAllOf(machine, "a");
  EXPECT_EQ(machine.View("s").counters.done, 1);
}

TEST(Sweeps, ThatFinishWhilePausedAreDone) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Connect("a");
  machine.Change("s", Kind::kPause);
  FinishAllOf(machine, "a");
  EXPECT_EQ(machine.View("s").state, SweepState::kDone);
}

TEST(Sweeps, ThatFinishWhileTheirPauseIsBeingWrittenAreDone) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Connect("a");
  const GrantMessage grant = machine.Take<GrantMessage>("a").front();
  machine.Apply(ResultArrived{.instance_id = "a",
                              .lease_id = grant.lease_id,
                              .trial_id = 1,
                              .trajectory = std::make_shared<const Trajectory>()});
  EXPECT_TRUE(machine.Change("s", Kind::kPause).status.ok());
  EXPECT_EQ(machine.View("s").state, SweepState::kDone);
}

TEST(Sweeps, PauseAndResumeOutlastARestart) {
  Machine machine;
  machine.Submit(SpecOf("s", 9));
  machine.Change("s", Kind::kPause);
  machine.Restart();
  machine.Connect("a");
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  machine.Change("s", Kind::kResume);
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(1));
}

TEST(Sweeps, AChangeSaidTwiceIsTheSameChange) {
  Machine machine;
  machine.Submit(SpecOf("s", 9));
  for (const Kind kind : {Kind::kPause, Kind::kResume, Kind::kCancel}) {
    EXPECT_TRUE(machine.Change("s", kind).status.ok());
    EXPECT_TRUE(machine.Change("s", kind).status.ok());
  }
}

TEST(Sweeps, AnIllegalChangeNamesBothStatesAndChangesNothing) {
  Machine machine;
  machine.Submit(SpecOf("s", 9));
  machine.Change("s", Kind::kCancel);
  for (const Kind kind : {Kind::kPause, Kind::kResume, Kind::kRetryFailed}) {
    const Reply reply = machine.Change("s", kind);
    EXPECT_EQ(reply.status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(reply.status.message()),
                HasSubstr(kind == Kind::kPause ? "is cancelled can't become paused"
                                               : "is cancelled can't become running"));
  }
  EXPECT_EQ(machine.View("s").state, SweepState::kCancelled);
}

TEST(Sweeps, ADoneOneCanNotBePausedResumedOrCancelled) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Connect("a");
  FinishAllOf(machine, "a");
  ASSERT_EQ(machine.View("s").state, SweepState::kDone);
  EXPECT_TRUE(machine.View("s").finished_at.has_value());
  for (const Kind kind : {Kind::kPause, Kind::kResume, Kind::kCancel}) {
    EXPECT_EQ(machine.Change("s", kind).status.code(), absl::StatusCode::kFailedPrecondition);
  }
}

TEST(Sweeps, AnUnknownNameIsNotFound) {
  Machine machine;
  EXPECT_EQ(machine.Change("s", Kind::kPause).status.message(), "there is no sweep called `s`");
}

TEST(Sweeps, ACancelledOneStopsItsWorkAndCountsItsCells) {
  Machine machine;
  machine.Submit(SpecOf("s", 9, "pack: {max_trials: 2}\n"));
  machine.Connect("a");
  const auto grants = machine.Take<GrantMessage>("a");
  ASSERT_THAT(grants, SizeIs(2));
  machine.Change("s", Kind::kCancel);
  EXPECT_THAT(machine.Take<DropMessage>("a"), SizeIs(2));
  EXPECT_EQ(machine.WorkerOf("a").leases, 0);
  EXPECT_EQ(machine.View("s").counters.cancelled, 9);
  EXPECT_EQ(machine.store().trials().at(1).status, TrialStatus::kCancelled);
}

TEST(Sweeps, ACancellationCutShortIsFinishedAfterTheRestart) {
  Machine machine;
  machine.Submit(SpecOf("s", 2, "pack: {max_trials: 2}\n"));
  machine.Connect("a");
  machine.Apply(ChangeSweep{.token = 1, .name = "s", .kind = Kind::kCancel, .classes = {}});
  machine.ExecuteOne();  // the sweep's state, but not its trials'
  machine.Restart();
  machine.Advance(absl::Seconds(31));
  EXPECT_EQ(machine.View("s").state, SweepState::kCancelled);
  for (const auto& [id, trial] : machine.store().trials()) {
    EXPECT_EQ(trial.status, TrialStatus::kCancelled);
  }
}

TEST(Sweeps, RetryMakesFailedTrialsOfTheGivenClassesPendingAgain) {
  Machine machine;
  machine.Submit(SpecOf("s", 2, "pack: {max_trials: 2}\nmax_attempts: 1\n"));
  machine.Connect("a");
  const GrantMessage grant = machine.Take<GrantMessage>("a").front();
  machine.Fail("a", grant.lease_id, 1, FailureClass::kInvalid);
  machine.Fail("a", grant.lease_id, 2, FailureClass::kOutOfMemory);
  ASSERT_EQ(machine.View("s").state, SweepState::kDone);

  machine.Change("s", Kind::kRetryFailed, {FailureClass::kOutOfMemory});
  EXPECT_EQ(machine.View("s").state, SweepState::kRunning);
  const auto again = machine.Take<GrantMessage>("a");
  ASSERT_THAT(again, SizeIs(1));
  ASSERT_THAT(again[0].members, SizeIs(1));
  EXPECT_EQ(again[0].members[0].trial_id, 2);
  EXPECT_EQ(machine.store().trials().at(2).attempts, 0);
  machine.Result("a", again[0].lease_id, 2);
  EXPECT_EQ(machine.View("s").state, SweepState::kDone);
  EXPECT_EQ(machine.View("s").counters.failed, 1);
}

TEST(Sweeps, RetryWithoutFailedTrialsChangesNothing) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Connect("a");
  FinishAllOf(machine, "a");
  EXPECT_TRUE(machine.Change("s", Kind::kRetryFailed).status.ok());
  EXPECT_EQ(machine.View("s").state, SweepState::kDone);
}

TEST(Sweeps, GoOnBehindTheLastPackOpenedAfterARestart) {
  Machine machine;
  machine.Submit(SpecOf("s", 5, "pack: {max_trials: 2}\n"));
  machine.Connect("a");
  for (int i = 0; i < 5; ++i) {
    machine.Restart();
    machine.Connect("a" + std::to_string(i));
    FinishAllOf(machine, "a" + std::to_string(i));
  }
  machine.Advance(absl::Seconds(31));
  machine.Connect("b");
  FinishAllOf(machine, "b");
  EXPECT_EQ(machine.View("s").state, SweepState::kDone);
  EXPECT_THAT(machine.store().trials(), SizeIs(5));
}

TEST(Sweeps, SayWhyNothingRuns) {
  Machine machine;
  machine.Submit(SpecOf("s", 1, "requires: {device: cuda, labels: [big]}\n"));
  EXPECT_EQ(machine.View("s").waiting_reason, "no worker is connected");
  WorkerDescription worker = AbleWorker("idle");
  worker.cannot_work_reason = "no driver";
  machine.Connect(worker);
  EXPECT_EQ(machine.View("s").waiting_reason, "no connected worker can work: no driver");
  machine.Connect("a");
  EXPECT_EQ(machine.View("s").waiting_reason,
            "no connected worker can run it: needs device cuda, label big, data set fashion-mnist");
  machine.Apply(DiskFull{.full = true});
  EXPECT_EQ(machine.View("s").waiting_reason, "disk full");
  machine.Apply(DiskFull{.full = false});
  worker = AbleWorker("gpu");
  worker.device = "cuda";
  worker.labels = {"big"};
  machine.Connect(worker);
  EXPECT_EQ(machine.View("s").waiting_reason, "");
  machine.End("gpu", machine.Take<GrantMessage>("gpu").front().lease_id,
              LeaseReportedEnded::Reason::kIncapable);
  EXPECT_THAT(machine.View("s").waiting_reason, HasSubstr("; a worker said: so it goes"));
}

TEST(Sweeps, OfHugeGridsAreSubmittedWithoutEnumeratingThem) {
  Machine machine;
  machine.Submit(SpecOf("s", 1000000000000));
  EXPECT_EQ(machine.View("s").counters.cells, 1000000000000);
  machine.Connect("a");
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(2));
}

}  // namespace
}  // namespace firstguess
