#pragma once

#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

namespace firstguess::trainer {

// What a parameter is to its layer. Weights and biases are drawn (initialisation.h); a
// normalisation's scale begins at 1 and its shift at 0.
enum class ParameterRole { kWeight, kBias, kNormScale, kNormShift };

// One parameter of a model, named as in PyTorch's own modules: a state_dict of the model has it
// under `name`. The name is also the last part of its random stream. Stable.
struct ParameterSpec {
  std::string name;            // "layers.0.weight", "layer1.0.conv1.weight"
  std::vector<int64_t> shape;  // as in PyTorch: weight (out, in) or (out, in, height, width)
  int64_t fan_in = 0;          // inputs of a unit: in, times height and width of a kernel
  int64_t fan_out = 0;         // likewise of out
  ParameterRole role = ParameterRole::kWeight;
  bool is_readout = false;  // of the last layer

  int64_t elements() const {
    return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
  }
};

// A running moment of batch normalisation: changed by training, but not by gradients. Named as in
// PyTorch too.
struct BufferSpec {
  std::string name;  // "norms.0.running_mean"
  int64_t size = 0;
  double initial = 0;  // of all its elements
};

}  // namespace firstguess::trainer
