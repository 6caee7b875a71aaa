#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/spec/trial.h"
#include "worker/trainer/checkpoint/checkpoint.h"
#include "worker/trainer/checkpoint/checkpoint_folder.h"

namespace firstguess::trainer {

// When trials that are trained together write their checkpoints. Thread-compatible.
class CheckpointWriter {
 public:
  struct Trial {
    const TrialConfig* config;
    int64_t draw = 1;
  };

  // They begin now, after `step` updates. `folder` and the configurations must outlive this.
  CheckpointWriter(CheckpointFolder& folder, std::vector<Trial> trials, int64_t step);

  // They have trained long enough since they began or the latest checkpoint.
  bool Due() const { return Now() - latest_ >= folder_.options().every; }
  // They are to be stopped after `step` updates: due if they ever were, for more than was done when
  // the latest was written.
  bool DueAtStop(int64_t step) const { return latest_step_ > 0 && step > latest_step_; }

  // Writes one of each of `trials`, which are indexes of those given. `take(i)` gives what trial
  // trials[i] is like after `step` updates; how long it took and its draw are filled in here.
  void Save(int64_t step, const std::vector<size_t>& trials,
            const std::function<Checkpoint(size_t i)>& take);

  // At least one of the trial was written.
  bool has_saved(size_t trial) const { return saved_[trial]; }

 private:
  absl::Duration Now() const { return folder_.options().clock->MonotonicNow(); }

  CheckpointFolder& folder_;
  const std::vector<Trial> trials_;
  const absl::Duration begun_;
  absl::Duration latest_;
  int64_t latest_step_;  // 0: none yet
  std::vector<bool> saved_;
};

}  // namespace firstguess::trainer
