#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "common/spec/trial.h"
#include "common/trajectory.h"
#include "worker/trainer/pack_data.h"

namespace firstguess::trainer {

// How many networks of this shape are trained as one: a pure function of the shape and the kind of
// device. On a CPU their weights and activations are to stay in the second-level cache; on a GPU in
// a part of its memory.
int64_t TileSize(const TrialConfig& config, const ImageDataset& data, const at::Device& device);

// Trains MLPs of one pack as one batched computation and measures each along the way: the same
// trajectories as TrainTrial, up to rounding, and to the bit whatever other networks are in the
// tile, on a CPU. A network that stops being finite is taken out; the others are not touched.
//
// `finished(i, trajectory)` is called once for each configuration, in no particular order. Fills
// everything in Trajectory but how it was made. InvalidArgument for a configuration that this
// trainer can't do, before anything is trained; Cancelled, within one update, when `stop` becomes
// true. LibTorch's exceptions pass through.
absl::Status TrainTile(const std::vector<TrialConfig>& configs, PackData& data,
                       const at::Device& device, const std::atomic<bool>& stop,
                       const std::function<void(size_t, Trajectory)>& finished);

}  // namespace firstguess::trainer
