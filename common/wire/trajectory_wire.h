#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/trajectory.h"
#include "firstguess/v1/trajectory.pb.h"

namespace firstguess {

// Trajectories as messages and back. Finite doubles survive bit for bit; a scalar that is not
// finite is absent in the message and NaN in the struct.

v1::Trajectory ToProto(const Trajectory& trajectory);

// InvalidArgument, saying what is wrong, unless each per-class vector has one entry per class.
absl::StatusOr<Trajectory> FromProto(const v1::Trajectory& message);

// Cuts a trajectory into messages of at most `max_bytes` each: consecutive runs of its snapshots,
// in order, and everything else in the last. Only a snapshot larger than that makes a larger
// message, alone.
std::vector<v1::Trajectory> SplitTrajectory(v1::Trajectory trajectory, size_t max_bytes);

// Puts the messages of one SplitTrajectory together again. Thread-compatible. For each trajectory:
//
//   TrajectoryAssembler assembler;
//   for (each chunk, in order) RETURN_IF_ERROR(assembler.Add(chunk));
//   Use(assembler.Finish());
class TrajectoryAssembler {
 public:
  // What an assembled trajectory may take in memory.
  static constexpr size_t kMaxBytes = size_t{64} << 20;

  // Adds the next chunk. InvalidArgument if its vectors differ in length from one another or from
  // those of earlier chunks; ResourceExhausted if the whole would take more than kMaxBytes. The
  // assembler is of no use after an error.
  absl::Status Add(const v1::Trajectory& chunk);

  // What was added. Whether that is all of a trial's trajectory is for those to check who know the
  // trial. The assembler is empty afterwards.
  Trajectory Finish();

 private:
  absl::Status AddSnapshot(const v1::Snapshot& message);
  absl::Status CheckLength(const char* vector, size_t length);

  Trajectory trajectory_;
  size_t classes_ = 0;  // 0: not known yet
  size_t bytes_ = 0;
};

}  // namespace firstguess
