#pragma once

#include <cstdint>

#include "common/spec/trial.h"
#include "worker/trainer/models/mlp.h"

namespace firstguess::trainer {

// Probe examples that go through a tile's networks at a time: the activations of this many stay in
// cache.
inline constexpr int64_t kProbeChunk = 256;

// Likewise for `shape`: all at once where batch normalisation takes their own moments.
int64_t ProbeChunk(const MlpShape& shape, const TrialConfig& config);

// How many networks of `shape`, trained as `config` says, go through training as one tile. A pure
// function of the shape and the kind of device: on a CPU weights and activations are to stay in 3
// MiB, where what operations cost by themselves and what the caches miss weigh as little together
// as was found; on a GPU in a part of its memory.
//
// 1 for the shapes whose numbers would depend on the tile: MKL sums in another order where the
// first layer's one wide product is a matrix times a vector (a batch or a probe set of 1), is of
// few rows (width below 8), or has rows that are not aligned (inputs that are no multiple of 16).
int64_t TileSize(const MlpShape& shape, const TrialConfig& config, bool on_cpu);

}  // namespace firstguess::trainer
