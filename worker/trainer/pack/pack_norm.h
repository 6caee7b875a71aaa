#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "worker/trainer/models/layers.h"
#include "worker/trainer/models/normalisation.h"
#include "worker/trainer/pack/pack_parameters.h"

namespace firstguess::trainer {

// The normalisation of one hidden layer of K networks, forwards and backwards, on activations
// [K, width, B]: over the units of each example (layer_norm), or over the examples for each unit
// (batch_norm), with running moments. The same functions as ForwardPass::Apply has for one network
// (models/layers.h). Everything is written into memory laid out here. Thread-compatible.
class PackNorm {
 public:
  // For up to `networks` networks and batches of up to `examples`. `scratch`: flat, for all
  // activations of a layer; norms may share it. REQUIRES: kind is not kNone.
  PackNorm(Normalisation::Kind kind, int64_t networks, int64_t width, int64_t examples,
           const at::Tensor& scratch);

  // `y` <- weight (x - mean) / deviation + bias. `x` and `y` may be one and the same.
  void Forward(const PackParameters::Layer& norm, const at::Tensor& x, at::Tensor& y,
               ForwardMode mode);

  // After Forward in training: `delta`, the gradient into y, becomes the gradient into x. Returns
  // those of weight and bias, valid until the next call.
  PackParameters::Layer Backward(const PackParameters::Layer& norm, at::Tensor& delta);

  // Network `from` takes the place of `to`.
  void Copy(int64_t from, int64_t to);

  // Network k's running mean and variance, in the same memory; none in layer_norm.
  std::vector<at::Tensor> RunningMoments(int64_t k) const;

 private:
  // Memory of `buffer` for the moments of activations `x`, and for activations like `x`.
  at::Tensor Moments(const at::Tensor& buffer, const at::Tensor& x) const;
  static at::Tensor Like(const at::Tensor& x, const at::Tensor& buffer);

  const Normalisation::Kind kind_;
  const int64_t dimension_;  // of [K, width, B], over which moments are taken
  const at::Tensor scratch_;
  at::Tensor normalised_;         // flat: (x - mean) / deviation
  at::Tensor inverse_deviation_;  // flat
  at::Tensor mean_;               // flat: of x; on the way back of gradients
  PackParameters::Layer gradient_;
  at::Tensor running_mean_;      // [K, width, 1]; undefined in layer_norm
  at::Tensor running_variance_;  // likewise
};

}  // namespace firstguess::trainer
