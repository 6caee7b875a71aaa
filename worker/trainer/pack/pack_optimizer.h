#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "common/spec/trial.h"
#include "worker/trainer/pack/pack_network.h"
#include "worker/trainer/pack/pack_parameters.h"

namespace firstguess::trainer {

// Takes the parameters of K networks along their gradients, with the formulas of optimizer.h.
// Learning rate, weight decay and momentum may differ by network. Plain SGD never materialises a
// gradient: its update is folded into the weight-gradient product, the learning rate into the
// loss's gradient.
//
// If the networks clip their gradients (max_grad_norm), each layer's waits until the last is there.
//
// One update is Begin, on the host, then Layer for each layer of PackNetwork::Backward, then End. A
// network's numbers do not depend on the others, nor on its place. Thread-compatible.
class PackOptimizer {
 public:
  virtual ~PackOptimizer() = default;

  // Starts an update; SquaredNorms can be read after it if `measured`. `l1_penalties` as
  // PackLoss::L1Penalties. Returns what the gradient of the summed loss into the logits is to be
  // multiplied by, [K, 1, 1].
  virtual const at::Tensor& Begin(bool measured, std::vector<double> l1_penalties) = 0;
  virtual void Layer(const PackNetwork::LayerGradient& gradient) = 0;
  virtual void End() = 0;

  // Squared Euclidean norm of each network's gradient at the last measured update, float64 [K].
  virtual const at::Tensor& SquaredNorms() const = 0;

  // Network `from` takes the place of `to`.
  virtual void Copy(int64_t from, int64_t to) = 0;
  // Only the first `networks` go on; `parameters` are theirs.
  virtual void Keep(const PackParameters& parameters) = 0;

  // What it keeps from one update to the next besides their count: none for sgd. Shares its memory.
  virtual std::vector<PackParameters> State() const { return {}; }
  // The next update is number `updates` + 1; State() is to be filled by the caller.
  virtual void GoOnAfter(int64_t updates) = 0;

  // Whether updates that are not measured, with the same penalties, are the same operations with
  // the same numbers on the same memory, up to Keep: all but what Begin does, which writes the
  // learning rates where they are read from.
  virtual bool RepeatsItself() const = 0;
};

// `configs`: one per network, all with the same optimizer and batch size; all clip or none does.
// The optimizer updates `parameters` (copies share storage). REQUIRES: CheckTrial is ok for each.
std::unique_ptr<PackOptimizer> MakePackOptimizer(const MlpShape& shape,
                                                 const std::vector<TrialConfig>& configs,
                                                 const PackParameters& parameters,
                                                 at::ScalarType type, const at::Device& device);

}  // namespace firstguess::trainer
