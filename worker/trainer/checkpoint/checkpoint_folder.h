#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/spec/trial.h"
#include "worker/trainer/checkpoint/checkpoint.h"

namespace firstguess::trainer {

struct CheckpointOptions {
  std::string folder = {};  // empty: no checkpoints
  // How long a trial trains until its first one, and from one to the next.
  absl::Duration every = absl::Minutes(10);
  std::string program = {};  // what trains, with its version: another one's are not gone on from
  Clock* clock = RealClock();
};

// A folder, which many workers may share, with the latest checkpoint of each trial that has one:
// <key of the trial>.checkpoint. Whatever goes wrong with a file costs no trial: it is logged, and
// the trial trains on, or anew. Thread-compatible.
class CheckpointFolder {
 public:
  // Untouched for so long, a checkpoint is forgotten: nobody went on with its trial.
  static constexpr absl::Duration kKept = absl::Hours(7 * 24);

  // `made_with`: library and device, on which the bits of a trial depend.
  CheckpointFolder(CheckpointOptions options, const std::string& made_with);

  const CheckpointOptions& options() const { return options_; }
  std::string PathOf(const TrialConfig& config) const;

  // Where the trial is to go on. NotFound: there is no file. With any other error, which is logged,
  // there is one that is of no use.
  absl::StatusOr<Checkpoint> Load(const TrialConfig& config) const;
  // False when it could not be written, of which the first in a row is logged.
  bool Save(const TrialConfig& config, const Checkpoint& checkpoint);

  // Removes those that are older than kKept at `now`, and what torn writes left. Files with other
  // names are not touched.
  void RemoveOld(absl::Time now) const;

 private:
  const CheckpointOptions options_;
  const std::string made_with_;
  bool failed_ = false;  // the latest Save
};

}  // namespace firstguess::trainer
