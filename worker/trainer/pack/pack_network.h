#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "worker/trainer/models/layers.h"
#include "worker/trainer/models/mlp.h"
#include "worker/trainer/pack/pack_norm.h"
#include "worker/trainer/pack/pack_parameters.h"

namespace firstguess::trainer {

// K networks of one shape on one batch, forwards and backwards, feature-major: activations are
// [K, width, B]. Since all networks see the same batch, the first layer is one product
// [K * width, inputs] x [inputs, B], whose result already is [K, width, B]; deeper layers are
// batched products; nothing is transposed or copied. Every operation writes into memory laid out
// here, in which each row of B begins at a 64-byte boundary (pack_parameters.h says why).
//
// The backward pass is written by hand. It goes from the read-out down and, at each layer, computes
// the gradient into the layer's input from the weights as they are, then hands the layer to
// `update`, which may change them.
//
// Thread-compatible.
class PackNetwork {
 public:
  // For up to `networks` networks and batches of up to `examples`.
  PackNetwork(const MlpShape& shape, int64_t networks, int64_t examples, at::ScalarType type,
              const at::Device& device);

  // Logits [K, classes, B] of the K networks of `parameters` on `inputs` [B, inputs]; in memory of
  // this object, valid until the next call. `mode` is batch normalisation's. REQUIRES: K and B
  // within what was laid out.
  at::Tensor Forward(const PackParameters& parameters, const at::Tensor& inputs,
                     ForwardMode mode = ForwardMode::kTraining);

  // One layer of the backward pass: its weights' gradient is the batched product of `delta`
  // [K, out, B] with the transposed `input` [K, in, B] (the first layer's is [B, inputs]: one input
  // for all), its biases' is `bias` [K, out, 1]. A norm's weights' is `weight` itself.
  struct LayerGradient {
    size_t layer = 0;  // as in PackParameters::layers
    at::Tensor delta;
    at::Tensor input;
    at::Tensor bias;
    at::Tensor weight = {};

    // weight <- scale * weight + factor * gradient, and the same for bias.
    void Accumulate(PackParameters::Layer& into, double scale, double factor) const;
  };

  // After Forward on the same arguments, with the loss's gradient into the logits, which is
  // overwritten. Calls update(LayerGradient) for layers depth … 0, and for the norms between them.
  template <typename Update>
  void Backward(const PackParameters& parameters, const at::Tensor& inputs,
                const at::Tensor& logits_gradient, const Update& update) {
    at::Tensor delta = logits_gradient;
    for (size_t layer = hidden_.size(); layer > 0; --layer) {
      LayerGradient norm;
      const at::Tensor below = DeltaBelow(parameters, layer, delta, norm);
      update(LayerGradient{layer, delta, Output(layer - 1, delta), BiasGradient(delta)});
      if (norm.weight.defined()) update(norm);
      delta = below;
    }
    update(LayerGradient{0, delta, inputs, BiasGradient(delta)});
  }

  // Network `from`'s running moments take the place of `to`'s.
  void Copy(int64_t from, int64_t to);
  // Those of network k, in the same memory.
  std::vector<at::Tensor> RunningMoments(int64_t k) const;

 private:
  // The activations after hidden layer `layer`, for the networks and examples of `delta`.
  at::Tensor Hidden(size_t layer, const at::Tensor& delta) const;
  // What hidden layer `layer` gives to the next: its activations, normalised if that comes last.
  at::Tensor Output(size_t layer, const at::Tensor& delta) const;
  // Gradient into what the layer below `layer` computes first; `norm` becomes that of its norm.
  at::Tensor DeltaBelow(const PackParameters& parameters, size_t layer, const at::Tensor& delta,
                        LayerGradient& norm);

  // Sum of `delta` over the examples.
  at::Tensor BiasGradient(const at::Tensor& delta);

  // Memory of `buffer` as [K, features, B].
  static at::Tensor Shaped(const at::Tensor& buffer, int64_t networks, int64_t features,
                           int64_t examples);

  // Where in PackParameters::layers the norm of hidden layer `layer` is.
  size_t NormLayer(size_t layer) const { return hidden_.size() + 1 + layer; }

  const MlpShape shape_;
  std::vector<at::Tensor> hidden_;           // per hidden layer, flat
  std::vector<at::Tensor> pre_activations_;  // likewise, or empty: not needed
  std::vector<at::Tensor> outputs_;          // likewise, or empty: they are the activations
  std::vector<PackNorm> norms_;              // per hidden layer, or empty
  at::Tensor deltas_[2];                     // flat, by turns
  at::Tensor logits_;                        // flat
  at::Tensor bias_gradient_;                 // flat
};

}  // namespace firstguess::trainer
