#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/trajectory.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/sqlite/multi_row_insert.h"

namespace firstguess {

// Writes the measured groups of snapshots into the tables of schema version 5; nothing of a
// snapshot without any. Thread-bound to its database.
class GroupMeasurements {
 public:
  // `database` outlives it.
  static absl::StatusOr<std::unique_ptr<GroupMeasurements>> Create(sqlite::Database* database);

  // REQUIRES: the trial has no rows there for this step.
  absl::Status Insert(int64_t trial_id, const Snapshot& snapshot);

 private:
  GroupMeasurements() = default;

  sqlite::MultiRowInsert insert_logits_;
  sqlite::MultiRowInsert insert_confusions_;
  sqlite::Statement insert_layer_;
  sqlite::Statement insert_noise_;
  sqlite::Statement insert_sharpness_;
};

}  // namespace firstguess
