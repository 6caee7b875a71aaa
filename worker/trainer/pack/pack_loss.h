#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "common/spec/trial.h"
#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

// The losses of K networks on one batch. Networks whose loss is the same stand side by side, so
// that each loss is evaluated once for its segment. Thread-compatible.
class PackLoss {
 public:
  // An order of `configs` in which equal losses with equal delays stand side by side.
  static std::vector<size_t> Order(const std::vector<TrialConfig>& configs);

  // `configs` in such an order. REQUIRES: CheckTrial is ok for each.
  PackLoss(const std::vector<TrialConfig>& configs, int64_t classes, int64_t examples,
           at::ScalarType type, const at::Device& device);

  // Network `from`'s loss for `to`; for networks that move.
  void Copy(int64_t from, int64_t to);

  // Whether some network has another loss in force at update `step` than at the one before.
  bool ChangesAt(int64_t step) const;

  // The l1_penalty of each network's loss at update `step`; empty if none has one.
  std::vector<double> L1Penalties(int64_t step) const;

  // At update `step` (1, 2, …), with each network's logit_bias added to its labels' logits first,
  // for the networks of `logits` [K, C, B] with `labels` int64
  // [K or 1, 1, B]: writes the mean losses into `mean` [K] (float64) and returns the gradient of
  // the mean with respect to the logits, [K, C, B], times `scale` [K, 1, 1]; it replaces the
  // logits.
  at::Tensor Gradient(int64_t step, const at::Tensor& logits, const at::Tensor& labels,
                      const at::Tensor& scale, at::Tensor& mean);

 private:
  // Index in losses_ of what is in force at update `step` for network k.
  size_t InForce(int64_t step, int64_t k) const {
    const Slot& slot = slots_[static_cast<size_t>(k)];
    return step <= slot.delay ? 0 : slot.loss;
  }

  struct Slot {
    size_t loss = 0;  // index in losses_
    int64_t delay = 0;
  };

  // Different ones, each once. The first is cross-entropy, which is in force during delays.
  std::vector<std::unique_ptr<LossFunction>> losses_;
  std::vector<Slot> slots_;
  at::Tensor log_probs_;        // [K, C, B]
  at::Tensor label_log_probs_;  // [K, 1, B]
  at::Tensor logit_biases_;     // [K, 1, 1]; undefined if all are 0
};

}  // namespace firstguess::trainer
