#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "common/trajectory.h"
#include "worker/trainer/models/activation.h"
#include "worker/trainer/models/layer_tap.h"
#include "worker/trainer/network.h"

namespace firstguess::trainer {

// What a forward pass of the probe set shows of each layer (models/layer_tap.h), in float64:
//
//   pre_mean, pre_variance  of the pre-activations, over examples and units together; population
//   drift_ratio             of the units' means over the examples, their population variance,
//                           divided by the mean over units of the population variance over
//                           examples: for one network what gamma = Var_W(E_x h) / E_W(Var_x h) is
//                           over many
//   correlation             mean cosine of the activations of two different examples, over all
//   pairs
//                           of those n examples whose activations are not all 0: with s the sum of
//                           the activations divided by their lengths, (|s|^2 - n) / (n (n - 1))
//   dead_fraction           units whose activation is 0 on every example; relu's alone
//
// The units of a convolution are its channels times its places. Not a number where it is undefined:
// a division by 0, fewer than two such examples. Thread-compatible.
class LayerStatistics final : public LayerTap {
 public:
  explicit LayerStatistics(Activation activation) : has_zeros_(activation == Activation::kRelu) {}

  void OnLayer(int64_t layer, absl::string_view name, const at::Tensor& pre_activation,
               const at::Tensor& activation) override;

  // One entry per layer that was shown, the read-out last; the rest of it is not measured yet.
  std::vector<LayerState> Take();

 private:
  const bool has_zeros_;
  std::vector<LayerState> layers_;
};

// The layers of `network` on the probe examples `inputs`. `initial` and `gradient` are flat, as
// Network::parameters: the parameters at step 0, and the gradient of the step's update, of weight
// and bias of each layer; undefined at step 0.
std::vector<LayerState> MeasureLayers(Network& network, const at::Tensor& inputs,
                                      Activation activation, const at::Tensor& initial,
                                      const at::Tensor& gradient);

}  // namespace firstguess::trainer
