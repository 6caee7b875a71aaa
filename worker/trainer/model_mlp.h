#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess::trainer {

// One parameter of a model. `name` is also the last part of its random stream. Stable.
struct ParameterSpec {
  std::string name;            // "layers.0.weight", "layers.0.bias"
  std::vector<int64_t> shape;  // weight: (out, in), as in PyTorch; bias: (out)
  int64_t fan_in = 0;          // inputs of its layer
  int64_t fan_out = 0;         // outputs of its layer
  bool is_readout = false;     // of the last layer

  bool is_bias() const { return shape.size() == 1; }
  int64_t elements() const { return is_bias() ? fan_out : fan_out * fan_in; }
};

// Of leaky_relu below 0.
inline constexpr double kLeakyReluSlope = 0.01;

// After each hidden layer. None turns NaN into a number, and neither do their derivatives.
//
//   gelu        x (1 + erf(x / sqrt 2)) / 2
//   leaky_relu  x, and 0.01 x where x < 0
//   erf         the error function
enum class Activation { kRelu, kTanh, kLinear, kGelu, kLeakyRelu, kErf };

// By its name: relu, tanh, linear, gelu, leaky_relu, erf. InvalidArgument for another.
absl::StatusOr<Activation> ActivationFromName(absl::string_view name);

// A multi-layer perceptron: `depth` hidden layers of `width` units, then a linear read-out. Layer
// i = 0 … depth; the last is the read-out.
struct MlpShape {
  int64_t inputs = 0;
  int64_t width = 0;
  int64_t depth = 0;
  int64_t classes = 0;
  Activation activation = Activation::kRelu;

  // In order: layers.0.weight, layers.0.bias, layers.1.weight, …
  std::vector<ParameterSpec> Parameters() const;
};

// Logits [B, classes] of `inputs` [B, inputs] with `parameters` in the order of
// MlpShape::Parameters. Differentiable.
at::Tensor MlpForward(const std::vector<at::Tensor>& parameters, Activation activation,
                      const at::Tensor& inputs);

}  // namespace firstguess::trainer
