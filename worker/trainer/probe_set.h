#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "worker/trainer/data/images.h"

namespace firstguess::trainer {

// The fixed test examples that snapshots are measured on: the first `probe_size` of a permutation
// from the stream probe/<data_seed>. Stable.
struct ProbeSet {
  at::Tensor inputs;  // float32 [probe_size, inputs], on the training device
  at::Tensor labels;  // int64 [probe_size], on the CPU; clean
};

// REQUIRES: 1 <= probe_size <= data.test.count().
ProbeSet MakeProbeSet(const ImageDataset& data, int64_t probe_size, int64_t data_seed,
                      const at::Device& device);

}  // namespace firstguess::trainer
