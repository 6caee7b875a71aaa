#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "coordinator/store/sqlite/database.h"
#include "tools/firstguess/report/sweep_data.h"
#include "tools/firstguess/report/trajectory_data.h"

namespace firstguess {

// Reads a database file: everything through one reader is of one moment, however fast the file
// grows meanwhile. Errors as WriteReport (report.h). Thread-compatible.
class SweepReader {
 public:
  // `path` names an existing file; it is opened read-only.
  static absl::StatusOr<std::unique_ptr<SweepReader>> Open(const std::string& path);

  // Empty `name`: the sweep created last.
  absl::StatusOr<SweepData> ReadSweep(const std::string& name);

  // REQUIRES: the trial was measured at step 0.
  absl::StatusOr<TrajectoryData> ReadTrajectory(int64_t trial_id);

 private:
  SweepReader(std::unique_ptr<sqlite::Database> database, sqlite::Statement snapshots,
              sqlite::Statement classes, sqlite::Statement class_snapshots)
      : database_(std::move(database)),
        snapshots_(std::move(snapshots)),
        classes_(std::move(classes)),
        class_snapshots_(std::move(class_snapshots)) {}

  absl::Status ReadHead(const std::string& name, SweepData* data);
  absl::Status ReadRevisions(SweepData* data);
  absl::Status ReadTrials(SweepData* data);
  absl::Status ReadProvenance(SweepData* data);

  std::unique_ptr<sqlite::Database> database_;
  // Of one trial.
  sqlite::Statement snapshots_;
  sqlite::Statement classes_;
  sqlite::Statement class_snapshots_;
};

}  // namespace firstguess
