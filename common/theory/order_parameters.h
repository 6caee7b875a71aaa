#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace firstguess::theory {

enum class Activation { kRelu, kTanh, kLinear };

absl::StatusOr<Activation> ActivationFromName(const std::string& name);

// An untrained, infinitely wide network: layers h' = W phi(h) + b, with W's entries of variance
// weight_variance / fan_in and b's of bias_variance, over inputs with i.i.d. entries N(input_shift,
// 1) in many dimensions.
struct Prior {
  Activation activation = Activation::kRelu;
  double weight_variance = 2;
  double bias_variance = 0;
  // Of the first layer, where it differs (LibTorch's default is 1 / (3 fan_in)); negative: the
  // same.
  double first_bias_variance = -1;
  double input_shift = 0;
};

// The two variances of a pre-activation h. Within one initialisation, over the data: V. Between
// initialisations, of the mean over the data: Vt ("V tilde").
struct OrderParameters {
  double within = 0;   // V
  double between = 0;  // Vt

  double q() const { return within + between; }
  // Correlation over initialisations of h at two independent inputs.
  double rho() const { return between / q(); }
  // Activation drift ratio Vt / V = rho / (1 - rho); infinite if the data no longer matter.
  double gamma() const { return between / within; }
};

// Order parameters of the pre-activations after 0, 1, ... `depth` hidden layers; the last entry is
// that of an output node. ReLU by the closed recursion
//   V' = (sw2/2) V f(gamma),  Vt' = (sw2/2) V g(gamma) + sb2,
//   g(x) = (2/pi) x arctan(sqrt(2x+1)) + sqrt(2x+1)/pi,  f(x) = 1 + x - g(x)
// (the arc-cosine kernel of order 1), tanh by quadrature of the same two-point functions.
// REQUIRES: depth >= 0, weight_variance > 0, bias_variance >= 0.
std::vector<OrderParameters> Propagate(const Prior& prior, int64_t depth);

// The correlation of a bias-free ReLU network after one more layer:
// J(c) = (sqrt(1 - c^2) + c (pi - arccos c)) / pi; independent of weight_variance.
double ReluCorrelation(double c);

// The same network over inputs of a finite dimension: rho of an output node after `depth` hidden
// layers, ReLU without biases, inputs i.i.d. N(0, 1) in `dimension` >= 2 dimensions. The exact
// integral over the angle and the norms of two inputs.
double ReluCorrelationFiniteInput(int64_t depth, int64_t dimension);

}  // namespace firstguess::theory
