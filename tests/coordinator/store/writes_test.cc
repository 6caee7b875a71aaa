#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/store/writes_fixture.h"

namespace firstguess {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(Writes, InsertSweepKeepsItsTextAndStartsRunning) {
  InsertSweep sweep = SweepOf(7, 12);
  sweep.priority = 3;
  const WriteResult result = store_.Do(sweep);
  EXPECT_EQ(Row(path_,
                "SELECT sweep_id, name, revision, state, priority, cells, created_at,"
                " finished_at FROM sweep"),
            "7|sweep-7|1|running|3|12|1000000.0|NULL");
  EXPECT_EQ(Row(path_,
                "SELECT sweep_id, revision, spec, canonical, submitted_at"
                " FROM sweep_revision"),
            "7|1|name: sweep-7|{\"name\":\"sweep-7\"}|1000000.0");
  ASSERT_THAT(result.sweeps, SizeIs(1));
  EXPECT_EQ(result.sweeps[0].counters, SweepCounters{.cells = 12});
  EXPECT_EQ(Progress(7), "12|0|0|0|0|12|0");
}

TEST_F(Writes, InsertSweepCostsTheSameForAnyGrid) {
  store_.Do(SweepOf(1, 1'000'000'000'000));
  EXPECT_EQ(Row(path_, "SELECT count(*) FROM cell"), "0");
  EXPECT_EQ(Progress(1), "1000000000000|0|0|0|0|1000000000000|0");
}

TEST_F(Writes, ASweepWithoutCellsIsDoneAtOnce) {
  const WriteResult result = store_.Do(SweepOf(1, 0));
  EXPECT_THAT(result.sweeps, ElementsAre(Field(&ChangedSweep::state, SweepState::kDone)));
}

TEST_F(Writes, OpenPackMakesCellsTrialsAndAnOpenLease) {
  store_.Do(SweepOf(1, 9));
  const WriteResult result = store_.Do(PackOf(4, 1, {5, 6}));
  ASSERT_THAT(result.members, SizeIs(2));
  EXPECT_EQ(result.members[1].config, ConfigOf(6));
  EXPECT_EQ(result.members[1].slot, 1);
  EXPECT_EQ(result.members[1].pack_id, 4);
  EXPECT_EQ(result.members[1].status, TrialStatus::kLeased);
  EXPECT_THAT(result.shared, IsEmpty());
  EXPECT_THAT(
      Rows(path_,
           "SELECT trial_id, key, status, seed, pack_id, slot, attempts, replanned,"
           " started_at, finished_at FROM trial"),
      ElementsAre(absl::StrCat("1|", TrialKey(ConfigOf(5)), "|leased|5|4|0|0|0|1000000.0|NULL"),
                  absl::StrCat("2|", TrialKey(ConfigOf(6)), "|leased|6|4|1|0|0|1000000.0|NULL")));
  EXPECT_THAT(Rows(path_, "SELECT * FROM cell"), ElementsAre("1|1|5|1|NULL", "1|1|6|2|NULL"));
  EXPECT_THAT(Rows(path_, "SELECT * FROM pack"), ElementsAre("4|1|1|4|NULL"));
  EXPECT_THAT(Rows(path_, "SELECT * FROM lease"),
              ElementsAre("4|4|worker-4|instance-4|1000000.0|NULL|NULL"));
  EXPECT_THAT(Rows(path_, "SELECT * FROM attempt"),
              ElementsAre("1|1|4|1000000.0|NULL|NULL|NULL", "2|1|4|1000000.0|NULL|NULL|NULL"));
  EXPECT_EQ(Progress(1), "9|0|0|0|2|7|0");
}

TEST_F(Writes, OpenPackWritesEveryFieldAndLeavesOutThoseWithoutEffect) {
  TrialConfig config = ConfigOf(3);
  config.width = 32;
  config.init_scale = 1.25;
  config.loss = {.name = "blurry", .parameters = {{"gamma", 0.5}, {"gradient", "detached"}}};
  config.loss_delay_steps = 7;
  config.optimizer = "momentum";
  config.label_noise = 0.25;
  store_.Do(SweepOf(1, 2));
  OpenPack pack = PackOf(1, 1, {0});
  pack.cells.push_back({.cell = 1, .slot = 1, .config = config});
  store_.Do(pack);
  const char* columns =
      "SELECT dataset, model, width, depth, activation, init, init_scale, bias_scale, loss,"
      " loss_params, loss_delay_steps, optimizer, learning_rate, momentum, weight_decay, "
      "batch_size,"
      " steps, label_noise, noise_kind, class_imbalance, seed, data_seed, probe_size, points,"
      " spacing FROM trial ORDER BY trial_id";
  EXPECT_THAT(
      Rows(path_, columns),
      ElementsAre("fashion-mnist|mlp|64|3|relu|he|1.0|0.0|cross_entropy|{}|NULL|sgd|0.05|NULL|0.0|"
                  "128|10|0.0|NULL|1.0|0|0|100|1|log",
                  "fashion-mnist|mlp|32|3|relu|he|1.25|0.0|blurry|"
                  "{\"gamma\":0.5,\"gradient\":\"detached\"}|7|momentum|0.05|0.9|0.0|128|10|0.25|"
                  "symmetric|1.0|3|0|100|1|log"));
  EXPECT_EQ(Row(path_, "SELECT config FROM trial WHERE trial_id = 2"), CanonicalJson(config));
}

TEST_F(Writes, OpenPackCountsWhatIsFinishedAndSharesWhatIsNot) {
  OpenPackOf(4, 4);
  store_.Do(ResultOf(1, 1));
  store_.Do(Failure(2, /*final_failure=*/true));
  store_.Do(Failure(3, /*final_failure=*/false));
  store_.Do(SweepOf(2, 6));
  const WriteResult result = store_.Do(PackOf(2, 2, {0, 1, 2, 3, 4}));
  EXPECT_THAT(result.members, ElementsAre(Field(&StoredTrial::trial_id, 5)));
  EXPECT_THAT(result.shared,
              ElementsAre(AllOf(Field(&StoredTrial::trial_id, 3), Field(&StoredTrial::pack_id, 1),
                                Field(&StoredTrial::status, TrialStatus::kPending),
                                Field(&StoredTrial::attempts, 1)),
                          AllOf(Field(&StoredTrial::trial_id, 4), Field(&StoredTrial::pack_id, 1),
                                Field(&StoredTrial::status, TrialStatus::kLeased))));
  EXPECT_EQ(Progress(2), "6|1|1|0|2|2|0");
}

TEST_F(Writes, OpenPackWithoutNewTrialsEndsItsLeaseAndMayFinishTheSweep) {
  OpenPackOf(1, 1);
  store_.Do(ResultOf(1, 1));
  store_.Do(SweepOf(2, 1));
  const WriteResult result = store_.Do(PackOf(2, 2, {0}));
  EXPECT_THAT(result.members, IsEmpty());
  EXPECT_EQ(Row(path_, "SELECT ended_at, outcome FROM lease WHERE lease_id = 2"),
            "1000000.0|finished");
  EXPECT_THAT(result.sweeps, ElementsAre(AllOf(Field(&ChangedSweep::sweep_id, 2),
                                               Field(&ChangedSweep::state, SweepState::kDone))));
}

TEST_F(Writes, OpenPackTakesTwoCellsOfOneTrialAsOneMember) {
  store_.Do(SweepOf(1, 2));
  OpenPack pack = PackOf(1, 1, {0});
  // Another kind of no noise.
  pack.cells.push_back({.cell = 1, .slot = 1, .config = ConfigOf(0)});
  pack.cells[1].config.noise_kind = "pair_flip";
  EXPECT_THAT(store_.Do(pack).members, SizeIs(1));
  EXPECT_EQ(Progress(1), "2|0|0|0|2|0|0");
  EXPECT_THAT(store_.Do(ResultOf(1, 1)).sweeps,
              ElementsAre(Field(&ChangedSweep::state, SweepState::kDone)));
  EXPECT_EQ(Progress(1), "2|2|0|0|0|0|0");
}

TEST_F(Writes, OpenPackMakesACancelledTrialPendingAgainInItsPack) {
  OpenPackOf(2, 2);
  store_.Do(SetSweepState{.sweep_id = 1, .state = SweepState::kCancelled, .at = At(1)});
  store_.Do(CancelTrials{.trials = {1, 2}, .at = At(1)});
  store_.Do(SweepOf(2, 1));
  const WriteResult result = store_.Do(PackOf(2, 2, {1}));
  EXPECT_THAT(result.members, IsEmpty());
  EXPECT_THAT(result.shared,
              ElementsAre(AllOf(Field(&StoredTrial::trial_id, 2), Field(&StoredTrial::pack_id, 1),
                                Field(&StoredTrial::status, TrialStatus::kPending))));
  EXPECT_EQ(Progress(1), "2|0|0|1|0|1|0");
  EXPECT_EQ(Progress(2), "1|0|0|0|0|1|0");
}

TEST_F(Writes, LeasePackStartsAnotherAttempt) {
  OpenPackOf(2, 2);
  store_.Do(EndLease{.lease_id = 1, .outcome = "expired", .message = "silent", .at = At(30)});
  EXPECT_EQ(Progress(1), "2|0|0|0|0|2|0");
  store_.Do(LeasePack{.pack_id = 1, .trials = {2}, .lease = LeaseOf(2, 40)});
  EXPECT_EQ(StatusOf(1), "pending");
  EXPECT_EQ(StatusOf(2), "leased");
  EXPECT_EQ(Progress(1), "2|0|0|0|1|1|0");
  EXPECT_THAT(
      Rows(path_,
           "SELECT attempt, lease_id, started_at, ended_at, outcome, message"
           " FROM attempt WHERE trial_id = 2"),
      ElementsAre("1|1|1000000.0|1000030.0|expired|silent", "2|2|1000040.0|NULL|NULL|NULL"));
  EXPECT_EQ(Row(path_, "SELECT started_at FROM trial WHERE trial_id = 2"), "1000040.0");
}

TEST_F(Writes, StoreResultFinishesTheTrialAndItsAttempt) {
  OpenPackOf(2, 2);
  const WriteResult result = store_.Do(ResultOf(1, 1, 8));
  EXPECT_TRUE(result.stored);
  EXPECT_EQ(Row(path_,
                "SELECT status, worker, device, pack_size, library, finished_at,"
                " train_seconds, diverged_at_step, failure_class FROM trial"
                " WHERE trial_id = 1"),
            "done|worker-1|cpu|2|libtorch|1000008.0|1.125|NULL|NULL");
  EXPECT_EQ(Row(path_, "SELECT ended_at, outcome, message FROM attempt WHERE trial_id = 1"),
            "1000008.0|finished|NULL");
  ASSERT_THAT(result.sweeps, SizeIs(1));
  EXPECT_EQ(result.sweeps[0].counters, (SweepCounters{.cells = 2, .done = 1, .leased = 1}));
  EXPECT_EQ(result.sweeps[0].state, SweepState::kRunning);
}

TEST_F(Writes, StoreResultOfTheLastCellFinishesEverySweepThatWantedIt) {
  OpenPackOf(1, 1);
  store_.Do(SweepOf(2, 1));
  store_.Do(PackOf(2, 2, {0}));
  const WriteResult result = store_.Do(ResultOf(1, 1, 9));
  EXPECT_THAT(result.sweeps, ElementsAre(AllOf(Field(&ChangedSweep::sweep_id, 1),
                                               Field(&ChangedSweep::state, SweepState::kDone)),
                                         AllOf(Field(&ChangedSweep::sweep_id, 2),
                                               Field(&ChangedSweep::state, SweepState::kDone))));
  EXPECT_EQ(SweepRow(1), "done|1000009.0");
}

TEST_F(Writes, StoreResultOfADivergedTrialCountsAsDoneAndAsDiverged) {
  OpenPackOf(1, 3);
  StoreResult write = ResultOf(1, 1);
  auto trajectory = std::make_shared<Trajectory>(*write.trajectory);
  trajectory->diverged_at_step = 2;
  write.trajectory = trajectory;
  store_.Do(write);
  EXPECT_EQ(Row(path_, "SELECT status, diverged_at_step FROM trial"), "done|2");
  EXPECT_EQ(Progress(1), "3|1|0|0|0|2|1");
  // A sweep that comes later counts it too.
  store_.Do(SweepOf(2, 1));
  store_.Do(PackOf(2, 2, {0}));
  EXPECT_EQ(Progress(2), "1|1|0|0|0|0|1");
}

TEST_F(Writes, StoreResultASecondTimeChangesNothing) {
  OpenPackOf(2, 2);
  store_.Do(ResultOf(1, 1, 8));
  const std::string before = Row(path_,
                                 "SELECT total(mean_prob), (SELECT worker FROM trial"
                                 " WHERE trial_id = 1) FROM class_snapshot");
  StoreResult again = ResultOf(1, 1, 9);
  again.worker = "another";
  again.trajectory = TrajectoryOf(99);
  const WriteResult result = store_.Do(again);
  EXPECT_FALSE(result.stored);
  EXPECT_THAT(result.sweeps, IsEmpty());
  EXPECT_EQ(Row(path_,
                "SELECT total(mean_prob), (SELECT worker FROM trial"
                " WHERE trial_id = 1) FROM class_snapshot"),
            before);
}

TEST_F(Writes, StoreResultForATrialThatIsCancelledOrFailedChangesNothing) {
  OpenPackOf(2, 2);
  store_.Do(Failure(1, /*final_failure=*/true));
  EXPECT_FALSE(store_.Do(ResultOf(1, 1)).stored);
  store_.Do(SetSweepState{.sweep_id = 1, .state = SweepState::kCancelled, .at = At(1)});
  store_.Do(CancelTrials{.trials = {2}, .at = At(1)});
  EXPECT_FALSE(store_.Do(ResultOf(2, 1)).stored);
  EXPECT_EQ(StatusOf(1), "failed");
  EXPECT_EQ(StatusOf(2), "cancelled");
  EXPECT_EQ(Row(path_, "SELECT count(*) FROM snapshot"), "0");
}

TEST_F(Writes, StoreResultFromAnExpiredLeaseClosesTheAttemptThatIsUnderWay) {
  OpenPackOf(1, 1);
  store_.Do(EndLease{.lease_id = 1, .outcome = "expired", .message = "", .at = At(30)});
  store_.Do(LeasePack{.pack_id = 1, .trials = {1}, .lease = LeaseOf(2, 40)});
  EXPECT_TRUE(store_.Do(ResultOf(1, 1, 50)).stored);
  EXPECT_THAT(Rows(path_, "SELECT lease_id, ended_at, outcome FROM attempt"),
              ElementsAre("1|1000030.0|expired", "2|1000050.0|dropped"));
  // The lease that came to nothing is closed by its own write, which finds nothing to undo.
  store_.Do(EndLease{.lease_id = 2, .outcome = "dropped", .message = "", .at = At(51)});
  EXPECT_EQ(StatusOf(1), "done");
}

// A write that contradicts the database is a bug of ours: nothing of its transaction may stay.
TEST_F(Writes, AContradictionIsFatalAndChangesNothing) {
  OpenPackOf(1, 2);
  store_.Close();
  Store::Options options;
  options.path = path_;
  options.clock = RealClock();
  std::vector<absl::Status> fatal;
  options.on_fatal = [&](absl::Status status) { fatal.push_back(std::move(status)); };
  auto store = Store::Open(std::move(options));
  ASSERT_TRUE(store.ok()) << store.status();
  int answered = 0;
  (*store)->Submit(LeasePack{.pack_id = 1, .trials = {1}, .lease = LeaseOf(2)},
                   [&](const WriteResult&) { ++answered; });
  (*store)->Submit(SweepOf(2, 1), [&](const WriteResult&) { ++answered; });
  (*store)->Flush();
  store->reset();
  EXPECT_EQ(answered, 0);
  ASSERT_THAT(fatal, SizeIs(1));
  EXPECT_THAT(std::string(fatal[0].message()), testing::HasSubstr("trial 1 was to be leased"));
  EXPECT_EQ(Row(path_, "SELECT count(*) FROM lease"), "1");
}

}  // namespace
}  // namespace firstguess
