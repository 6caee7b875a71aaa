#pragma once

#include <ATen/core/Tensor.h>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firstguess::trainer {

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

// Of each element of `x`. Differentiable.
at::Tensor Activate(const at::Tensor& x, Activation activation);

}  // namespace firstguess::trainer
