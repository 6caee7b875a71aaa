#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/trajectory.h"
#include "coordinator/store/group_measurements.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/sqlite/multi_row_insert.h"

namespace firstguess {

// Writes trajectories into `trial_class`, `snapshot` and `class_snapshot`, where nearly all of the
// store's time goes, and what their groups measured. Thread-bound to its database.
class Measurements {
 public:
  // `database` outlives it.
  static absl::StatusOr<std::unique_ptr<Measurements>> Create(sqlite::Database* database);

  // REQUIRES: the trial has no rows there; every vector has one entry per class.
  absl::Status Insert(int64_t trial_id, const Trajectory& trajectory);

 private:
  Measurements() = default;

  sqlite::MultiRowInsert insert_trial_classes_;
  sqlite::MultiRowInsert insert_snapshots_;
  sqlite::MultiRowInsert insert_class_snapshots_;
  std::unique_ptr<GroupMeasurements> groups_;
};

}  // namespace firstguess
