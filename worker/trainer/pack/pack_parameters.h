#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "common/spec/trial.h"
#include "worker/trainer/models/mlp.h"

namespace firstguess::trainer {

// One number per parameter of K networks of one shape: their weights, a gradient, or an optimizer's
// moments. Layer i's weights are one [K, out, in], its biases one [K, out, 1]; network k is slice k
// of each. The norms of the hidden layers follow the layers, each as if it were one, with its scale
// [K, width, 1] for weight and its shift for bias, as PyTorch calls them.
//
// Each slice of the layers above the first begins at a 64-byte boundary: MKL takes another order of
// summation for matrices that are not aligned, and a network's numbers must not depend on its
// place. The first layer's slices lie close together, so that they are one matrix
// [K * width, inputs]; they are aligned where the inputs are a multiple of 16.
//
// Thread-compatible; copies share storage.
class PackParameters {
 public:
  struct Layer {
    at::Tensor weight;  // [K, out, in], of a norm [K, out, 1]
    at::Tensor bias;    // [K, out, 1]
  };

  // Zeros.
  PackParameters(const MlpShape& shape, int64_t networks, at::ScalarType type,
                 const at::Device& device);

  int64_t networks() const { return layers_.front().weight.size(0); }
  // Layers i = 0 … depth, then the norms of layers 0 … depth - 1 if there are any.
  std::vector<Layer>& layers() { return layers_; }
  const std::vector<Layer>& layers() const { return layers_; }

  // A view of the first `networks` slices, in the same storage.
  PackParameters First(int64_t networks) const;

  // Every parameter of network k: weight and bias [out, 1] of each layer in turn.
  std::vector<at::Tensor> Slice(int64_t k) const;

  // Initial values of `config` into slice k (initialisation.h): each parameter is drawn by itself.
  void Initialise(int64_t k, const MlpShape& shape, const TrialConfig& config, int64_t draw = 1);

  // Slice `from` over slice `to`.
  void Copy(int64_t from, int64_t to);

 private:
  PackParameters() = default;

  std::vector<Layer> layers_;
};

}  // namespace firstguess::trainer
