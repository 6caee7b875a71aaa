#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "common/theory/order_parameters.h"

namespace firstguess::theory {

// Where signals neither die nor explode, and what an infinitely deep network forgets.

// A point (weight_variance, bias_variance) on a critical line, with the fixed point there.
struct CriticalPoint {
  double weight_variance = 0;
  double q = 0;  // fixed point of the pre-activations' variance
};

// Edge of chaos, chi_1 = sw2 E[phi'(sqrt(q) z)^2] = 1. ReLU: sw2 = 2 (for sb2 = 0, any q stays).
// tanh: by bisection on q along sw2 = 1 / E[sech^4(sqrt(q) z)], sb2 = q - sw2 E[tanh^2(sqrt(q) z)].
// REQUIRES: bias_variance >= 0.
CriticalPoint EdgeOfChaos(Activation activation, double bias_variance);

// tanh with biases: the weight variance at which two inputs' correlation tends to 1/2, i.e. gamma
// to 1, where the guess fraction of one of two classes is uniform. InvalidArgument without biases
// (the correlation then stays 0).
absl::StatusOr<CriticalPoint> NeutralityLine(double bias_variance);

// Gradient multiplier per layer at the fixed point q (tanh), or sw2 / 2 (ReLU).
double GradientMultiplier(Activation activation, double weight_variance, double q);

// The phase in words: "ordered", "edge of chaos" or "chaotic" with what that means for guesses.
std::string PhaseName(Activation activation, double weight_variance, double bias_variance);

// ---- Pooling over k independent pre-activations, one layer, independent inputs ------------------

enum class Pooling { kMax, kAverage };

struct PooledMoments {
  double mean = 0;         // E[M] of the pooled activation, unit-variance pre-activations
  double mean_square = 0;  // E[M^2]

  double critical_weight_variance() const { return 1 / mean_square; }  // keeps q constant
  double rho() const { return mean * mean / mean_square; }
  double gamma() const { return rho() / (1 - rho()); }
};

// REQUIRES: k >= 1.
PooledMoments PoolingMoments(Activation activation, Pooling pooling, int k);

}  // namespace firstguess::theory
