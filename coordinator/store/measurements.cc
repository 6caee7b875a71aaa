#include "coordinator/store/measurements.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/error.h"

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
  FG_SQLITE_TRY(measurements->insert_trial_classes_.Prepare(
      database, "INSERT INTO trial_class (trial_id, class, support, initial_rank)", 4, 10));
  FG_SQLITE_TRY(measurements->insert_snapshots_.Prepare(
      database,
      "INSERT INTO snapshot (trial_id, step, epoch, train_loss, grad_norm, probe_loss,"
      " probe_cross_entropy, accuracy, max_guess, guess_entropy, prob_entropy, mean_weight,"
      " kept_fraction, tied_fraction)",
      14, 5));
  FG_SQLITE_TRY(measurements->insert_class_snapshots_.Prepare(
      database,
      "INSERT INTO class_snapshot (trial_id, step, class, guess_count, correct_count, mean_prob,"
      " class_loss, drift)",
      8, 25));
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
  for (const Snapshot& snapshot : trajectory.snapshots) {
    if (!HasShape(snapshot, classes)) {
      return absl::InternalError(absl::StrCat("step ", snapshot.step, " of a result of trial ",
                                              trial_id, " is malformed"));
    }
  }
  insert_trial_classes_.Begin(classes);
  for (size_t c = 0; c < classes; ++c) {
    FG_SQLITE_TRY(
        insert_trial_classes_.Add(trial_id, c, trajectory.support[c], trajectory.initial_rank[c]));
  }
  insert_snapshots_.Begin(trajectory.snapshots.size());
  for (const Snapshot& snapshot : trajectory.snapshots) {
    FG_SQLITE_TRY(insert_snapshots_.Add(
        trial_id, snapshot.step, snapshot.epoch, snapshot.train_loss, snapshot.grad_norm,
        snapshot.probe_loss, snapshot.probe_cross_entropy, snapshot.accuracy, snapshot.max_guess,
        snapshot.guess_entropy, snapshot.prob_entropy, snapshot.mean_weight, snapshot.kept_fraction,
        snapshot.tied_fraction));
  }
  insert_class_snapshots_.Begin(trajectory.snapshots.size() * classes);
  for (const Snapshot& snapshot : trajectory.snapshots) {
    for (size_t c = 0; c < classes; ++c) {
      FG_SQLITE_TRY(insert_class_snapshots_.Add(trial_id, snapshot.step, c, snapshot.guess_count[c],
                                                snapshot.correct_count[c], snapshot.mean_prob[c],
                                                snapshot.class_loss[c], snapshot.drift[c]));
    }
  }
  for (const Snapshot& snapshot : trajectory.snapshots) {
    FG_SQLITE_TRY(groups_->Insert(trial_id, snapshot));
  }
  return absl::OkStatus();
}

}  // namespace firstguess
