#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "common/spec/trial.h"

namespace firstguess::trainer {

// Takes parameters along their gradient. With g = gradient + weight_decay * parameters and t = 1,
// 2, … counting the calls, and lr = LearningRateAt(t) (learning_rate.h):
//
//   sgd       p -= lr g
//   momentum  buf_1 = g, then buf = momentum buf + g;   p -= lr buf
//   nesterov  the same buf;   p -= lr (g + momentum buf)
//   adam      m = 0.9 m + 0.1 g,  v = 0.999 v + 0.001 g^2  (both from 0);
//             p -= lr / (1 - 0.9^t) m / (sqrt(v) / sqrt(1 - 0.999^t) + 1e-8)
//   adamw     p -= lr weight_decay p, then as adam, with g = gradient
//
// These are PyTorch's SGD, Adam and AdamW. Stable. Keeps its state in the type and on the device of
// the first gradient. Thread-compatible.
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  // Both of one shape, any. `gradient` is used as scratch space.
  virtual void Update(at::Tensor& parameters, at::Tensor& gradient) = 0;

  // What it keeps from one call to the next besides their count: tensors like the parameters, none
  // for sgd, and none before the first call. They share its memory.
  virtual std::vector<at::Tensor> State() const { return {}; }
  // Before the first call: the next one is number `updates` + 1, `updates` >= 1, and State() has
  // its tensors, for `parameters`, to be filled by the caller.
  virtual void GoOnAfter(int64_t updates, const at::Tensor& parameters) = 0;
};

// InvalidArgument for an unknown optimizer.
absl::StatusOr<std::unique_ptr<Optimizer>> MakeOptimizer(const TrialConfig& config);

}  // namespace firstguess::trainer
