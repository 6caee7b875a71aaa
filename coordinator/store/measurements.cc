#include "coordinator/store/measurements.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/sqlite/prepare.h"

namespace firstguess {
namespace {

bool HasShape(const Snapshot& snapshot, size_t classes) {
  return snapshot.guess_count.size() == classes && snapshot.correct_count.size() == classes &&
         snapshot.mean_prob.size() == classes && snapshot.class_loss.size() == classes &&
         snapshot.drift.size() == classes;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Measurements>> Measurements::Create(sqlite::Database* database) {
  std::unique_ptr<Measurements> measurements(new Measurements);
  FG_SQLITE_TRY(sqlite::PrepareAll(
      database,
      {{&measurements->insert_trial_class_,
        "INSERT INTO trial_class (trial_id, class, support, initial_rank) VALUES (?, ?, ?, ?)"},
       {&measurements->insert_snapshot_,
        "INSERT INTO snapshot (trial_id, step, epoch, train_loss, grad_norm, probe_loss,"
        " probe_cross_entropy, accuracy, max_guess, guess_entropy, prob_entropy, mean_weight,"
        " kept_fraction, tied_fraction) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"},
       {&measurements->insert_class_snapshot_,
        "INSERT INTO class_snapshot (trial_id, step, class, guess_count, correct_count, mean_prob,"
        " class_loss, drift) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"}}));
  absl::StatusOr<std::unique_ptr<GroupMeasurements>> groups = GroupMeasurements::Create(database);
  if (!groups.ok()) return groups.status();
  measurements->groups_ = *std::move(groups);
  return measurements;
}

absl::Status Measurements::Insert(int64_t trial_id, const Trajectory& trajectory) {
  const size_t classes = trajectory.support.size();
  if (trajectory.initial_rank.size() != classes) {
    return absl::InternalError(absl::StrCat("a result of trial ", trial_id, " is malformed"));
  }
  for (size_t c = 0; c < classes; ++c) {
    FG_SQLITE_TRY(insert_trial_class_.Execute(trial_id, c, trajectory.support[c],
                                              trajectory.initial_rank[c]));
  }
  for (const Snapshot& snapshot : trajectory.snapshots) {
    if (!HasShape(snapshot, classes)) {
      return absl::InternalError(absl::StrCat("step ", snapshot.step, " of a result of trial ",
                                              trial_id, " is malformed"));
    }
    FG_SQLITE_TRY(insert_snapshot_.Execute(
        trial_id, snapshot.step, snapshot.epoch, snapshot.train_loss, snapshot.grad_norm,
        snapshot.probe_loss, snapshot.probe_cross_entropy, snapshot.accuracy, snapshot.max_guess,
        snapshot.guess_entropy, snapshot.prob_entropy, snapshot.mean_weight, snapshot.kept_fraction,
        snapshot.tied_fraction));
    FG_SQLITE_TRY(InsertClasses(trial_id, snapshot));
    FG_SQLITE_TRY(groups_->Insert(trial_id, snapshot));
  }
  return absl::OkStatus();
}

absl::Status Measurements::InsertClasses(int64_t trial_id, const Snapshot& snapshot) {
  sqlite::Statement& insert = insert_class_snapshot_;
  insert.Bind(1, trial_id);
  insert.Bind(2, snapshot.step);
  for (size_t c = 0; c < snapshot.mean_prob.size(); ++c) {
    insert.Bind(3, c);
    insert.Bind(4, snapshot.guess_count[c]);
    insert.Bind(5, snapshot.correct_count[c]);
    insert.Bind(6, snapshot.mean_prob[c]);
    insert.Bind(7, snapshot.class_loss[c]);
    insert.Bind(8, snapshot.drift[c]);
    FG_SQLITE_TRY(insert.Finish());
  }
  return absl::OkStatus();
}

}  // namespace firstguess
