#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "worker/trainer/data/images.h"
#include "worker/trainer/device_examples.h"

namespace firstguess::trainer {

// The examples of one update. Labels are not here: label noise may differ from trial to trial.
struct Batch {
  at::Tensor rows;    // int64 [batch_size]: positions among the kept training examples
  at::Tensor inputs;  // float32 [batch_size, inputs]; both on the training device
};

// The batches that all trials of a pack see. Update t (t = 1, 2, …) takes slice (t-1) mod E of
// epoch (t-1) div E; an epoch's order is a permutation from the stream batches/<data_seed>/<epoch>,
// E = floor(n_train / batch_size), and an incomplete last slice is dropped. Stable.
//
// Batches are kept, up to `cache_bytes`, for the next trial of the pack. Thread-compatible. `data`
// must outlive it. On a GPU the examples are in its memory where they fit, and are gathered there.
class Batches {
 public:
  // `kept` are the rows of data.train that take part (data/imbalance.h).
  // REQUIRES: 1 <= batch_size <= kept.size().
  Batches(const ImageDataset& data, std::vector<int64_t> kept, int64_t batch_size,
          int64_t data_seed, const at::Device& device, int64_t cache_bytes = int64_t{256} << 20);

  int64_t updates_per_epoch() const { return updates_per_epoch_; }
  // Clean labels of the kept examples, int64 [n_train], on the CPU.
  at::Tensor Labels() const;
  // Inputs of the kept examples `rows` (int64 [n], on the CPU): float32 [n, inputs], on the
  // training device.
  at::Tensor Inputs(const at::Tensor& rows) const;
  // REQUIRES: update >= 1.
  Batch Get(int64_t update);

 private:
  const at::Tensor& Permutation(int64_t epoch);

  const ImageDataset& data_;
  const std::vector<int64_t> kept_;
  const int64_t batch_size_;
  const int64_t data_seed_;
  const at::Device device_;
  const int64_t updates_per_epoch_;
  const size_t cache_limit_;  // batches
  const std::optional<DeviceExamples> examples_;

  int64_t epoch_ = -1;
  at::Tensor permutation_;    // of epoch_
  std::vector<Batch> cache_;  // of updates 1, 2, …
};

}  // namespace firstguess::trainer
