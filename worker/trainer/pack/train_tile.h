#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "common/spec/trial.h"
#include "common/trajectory.h"
#include "worker/trainer/checkpoint/checkpoint_writer.h"
#include "worker/trainer/pack/device_graph.h"
#include "worker/trainer/pack_data.h"

namespace firstguess::trainer {

// Trains networks of one shape as one batched computation and measures each along the way: the same
// trajectories as TrainTrial, up to rounding, and on a CPU the same to the bit whatever other
// networks are in the tile, as long as there are no more than TileSize. A network that stops being
// finite is taken out at the next snapshot; the others are not touched.
//
// `configs` are of one pack (CheckSamePack), CheckTrial is ok for each, and all clip their
// gradients or none does. `draws` are those of their initial weights (init_condition.h).
// `finished(i, trajectory)` is called once for each, in no particular order: for those that diverge
// as they do, for the others at the end. Fills everything in Trajectory but how it was made.
// Cancelled, within one update, when `stop` becomes true. LibTorch's exceptions pass through.
//
// `starts`: empty, or for each its checkpoint to go on from, all after the same number of updates.
// `writer`, which may be null: of the same trials, in their order; writes their checkpoints.
// `graph`, which may be null: of the device; records an update and repeats it.
absl::Status TrainTile(const std::vector<TrialConfig>& configs, const std::vector<int64_t>& draws,
                       PackData& data, const at::Device& device, const std::atomic<bool>& stop,
                       const std::function<void(size_t, Trajectory)>& finished,
                       const std::vector<const Checkpoint*>& starts = {},
                       CheckpointWriter* writer = nullptr, DeviceGraph* graph = nullptr);

}  // namespace firstguess::trainer
