#include "common/theory/phases.h"

#include <cmath>
#include <functional>

#include "absl/status/status.h"
#include "common/theory/gaussian.h"

namespace firstguess::theory {
namespace {

double TanhSquare(double q) {
  const double root = std::sqrt(q);
  return NormalExpectation([root](double z) {
    const double t = std::tanh(root * z);
    return t * t;
  });
}

double TanhSlopeSquare(double q) {
  const double root = std::sqrt(q);
  return NormalExpectation([root](double z) {
    const double t = std::tanh(root * z);
    return (1 - t * t) * (1 - t * t);
  });
}

// E[tanh(u) tanh(v)] for u, v ~ N(0, q) with correlation 1/2.
double TanhHalfCorrelated(double q) {
  const double root = std::sqrt(q / 2);
  return NormalExpectation([root](double m) {
    const double mean =
        NormalExpectation([root, m](double xi) { return std::tanh(root * (m + xi)); });
    return mean * mean;
  });
}

// The root of an increasing `f` in [low, high].
double Bisect(double low, double high, const std::function<double(double)>& f) {
  for (int i = 0; i < 200 && high - low > 1e-15 * high; ++i) {
    const double middle = 0.5 * (low + high);
    (f(middle) < 0 ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

double Activate(Activation activation, double x) {
  switch (activation) {
    case Activation::kRelu:
      return x > 0 ? x : 0;
    case Activation::kTanh:
      return std::tanh(x);
    case Activation::kLinear:
      return x;
  }
  return x;
}

}  // namespace

CriticalPoint EdgeOfChaos(Activation activation, double bias_variance) {
  if (activation == Activation::kRelu) return {2, 1};
  if (activation == Activation::kLinear) return {1, 1};
  if (bias_variance == 0) return {1, 0};
  const double q = Bisect(0, 40, [bias_variance](double candidate) {
    return candidate - TanhSquare(candidate) / TanhSlopeSquare(candidate) - bias_variance;
  });
  return {1 / TanhSlopeSquare(q), q};
}

absl::StatusOr<CriticalPoint> NeutralityLine(double bias_variance) {
  if (!(bias_variance > 0)) {
    return absl::InvalidArgumentError(
        "a tanh network without biases stays neutral: there is no neutrality line at bias variance "
        "0");
  }
  // At the fixed point q with correlation 1/2: sw2 E[t^2] + sb2 = q and sw2 E[t t'] + sb2 = q/2.
  const auto weight_variance = [](double q) {
    return q / 2 / (TanhSquare(q) - TanhHalfCorrelated(q));
  };
  const double q = Bisect(1e-9, 40, [&](double candidate) {
    return candidate - weight_variance(candidate) * TanhSquare(candidate) - bias_variance;
  });
  return CriticalPoint{weight_variance(q), q};
}

double GradientMultiplier(Activation activation, double weight_variance, double q) {
  switch (activation) {
    case Activation::kRelu:
      return weight_variance / 2;
    case Activation::kTanh:
      return weight_variance * TanhSlopeSquare(q);
    case Activation::kLinear:
      return weight_variance;
  }
  return weight_variance;
}

std::string PhaseName(Activation activation, double weight_variance, double bias_variance) {
  const double critical = EdgeOfChaos(activation, bias_variance).weight_variance;
  const double distance = weight_variance / critical - 1;
  if (std::abs(distance) < 1e-9) return "edge of chaos: gradients keep their size";
  if (activation == Activation::kRelu) {
    return distance < 0 ? "ordered, deep prejudice: gradients vanish, correlation tends to 1"
                        : "chaotic, deep prejudice: gradients explode, correlation tends to 1";
  }
  if (distance < 0) return "ordered, deep prejudice: gradients vanish, correlation tends to 1";
  if (activation == Activation::kTanh && bias_variance > 0 &&
      weight_variance < NeutralityLine(bias_variance)->weight_variance) {
    return "chaotic, prejudice: gradients explode, correlation tends to more than 1/2";
  }
  return "chaotic, neutrality: gradients explode, correlation tends to less than 1/2";
}

PooledMoments PoolingMoments(Activation activation, Pooling pooling, int k) {
  if (pooling == Pooling::kAverage) {
    const double mean =
        NormalExpectationWithKink([activation](double z) { return Activate(activation, z); });
    const double square = NormalExpectationWithKink(
        [activation](double z) { return Activate(activation, z) * Activate(activation, z); });
    return {mean, (square + (k - 1) * mean * mean) / k};
  }
  // The maximum of k has density k phi(z) Phi(z)^(k-1); activations here do not decrease.
  const auto weighted = [activation, k](double z, int power) {
    return k * std::pow(NormalCdf(z), k - 1) * std::pow(Activate(activation, z), power);
  };
  return {NormalExpectationWithKink([&](double z) { return weighted(z, 1); }),
          NormalExpectationWithKink([&](double z) { return weighted(z, 2); })};
}

}  // namespace firstguess::theory
