#pragma once

#include <atomic>
#include <cstdint>

#include "absl/status/statusor.h"
#include "common/spec/trial.h"
#include "common/trajectory.h"
#include "worker/trainer/checkpoint/checkpoint_writer.h"
#include "worker/trainer/pack_data.h"

namespace firstguess::trainer {

// Trains one network by plain autograd and measures it along the way: batches, updates, snapshots,
// divergence. `draw` is that of its initial weights (init_condition.h). Fills everything in
// Trajectory but how it was made. InvalidArgument for a configuration that this trainer can't do;
// Cancelled, within one update, when `stop` becomes true. LibTorch's exceptions (out of memory, a
// lost device) pass through.
//
// `start`, which may be null: the trial's checkpoint, to go on from. `writer`, which may be null:
// of this one trial; writes its checkpoints.
absl::StatusOr<Trajectory> TrainTrial(const TrialConfig& config, int64_t draw, PackData& data,
                                      const at::Device& device, const std::atomic<bool>& stop,
                                      const Checkpoint* start = nullptr,
                                      CheckpointWriter* writer = nullptr);

}  // namespace firstguess::trainer
