#include "common/theory/order_parameters.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/theory/gaussian.h"

namespace firstguess::theory {
namespace {

OrderParameters ReluStep(const OrderParameters& h, double weight_variance, double bias_variance) {
  const double gamma = h.gamma();
  const double root = std::sqrt(2 * gamma + 1);
  // f(gamma) = 1 + gamma - g(gamma) loses its digits for large gamma. With arctan(r) = pi/2 -
  // arctan(1/r) it is 1 + (2/pi) gamma arctan(1/r) - r/pi, which loses fewer.
  const double f = 1 + (2 / kPi) * gamma * std::atan(1 / root) - root / kPi;
  const double g = (2 / kPi) * gamma * std::atan(root) + root / kPi;
  const double scale = weight_variance / 2 * h.within;
  return {scale * f, scale * g + bias_variance};
}

// The moments of tanh(h) given its between part, averaged over that part: the mean square of the
// conditional mean is the next Vt, the mean conditional variance the next V. Differences to the
// conditional centre are taken by the addition theorem, so that V keeps its digits when rho -> 1.
OrderParameters TanhStep(const OrderParameters& h, double weight_variance, double bias_variance) {
  const double between_root = std::sqrt(h.between);
  const double within_root = std::sqrt(h.within);
  struct Node {
    double density, t;
  };
  std::vector<Node> nodes;  // of xi, the same for every m
  NormalExpectation([&](double xi) {
    nodes.push_back({NormalDensity(xi), std::tanh(within_root * xi)});
    return 0.0;
  });
  double between = 0;
  const double within = NormalExpectation([&](double m) {
    const double centre = std::tanh(between_root * m);
    double sum = 0;
    double square = 0;
    for (const Node& node : nodes) {
      const double difference = node.t * (1 - centre * centre) / (1 + centre * node.t);
      sum += node.density * difference;
      square += node.density * difference * difference;
    }
    const double mean = sum * kNormalStep;
    between += NormalDensity(m) * (centre + mean) * (centre + mean);
    return square * kNormalStep - mean * mean;
  });
  return {weight_variance * within, weight_variance * between * kNormalStep + bias_variance};
}

}  // namespace

absl::StatusOr<Activation> ActivationFromName(const std::string& name) {
  if (name == "relu") return Activation::kRelu;
  if (name == "tanh") return Activation::kTanh;
  if (name == "linear") return Activation::kLinear;
  return absl::InvalidArgumentError(
      absl::StrCat("no theory for activation `", name, "`; known are relu, tanh, linear"));
}

std::vector<OrderParameters> Propagate(const Prior& prior, int64_t depth) {
  const double first_bias =
      prior.first_bias_variance < 0 ? prior.bias_variance : prior.first_bias_variance;
  const double shift_square = prior.input_shift * prior.input_shift;
  std::vector<OrderParameters> layers = {
      {prior.weight_variance, prior.weight_variance * shift_square + first_bias}};
  for (int64_t layer = 0; layer < depth; ++layer) {
    const OrderParameters& h = layers.back();
    switch (prior.activation) {
      case Activation::kRelu:
        layers.push_back(ReluStep(h, prior.weight_variance, prior.bias_variance));
        break;
      case Activation::kTanh:
        layers.push_back(TanhStep(h, prior.weight_variance, prior.bias_variance));
        break;
      case Activation::kLinear:
        layers.push_back({prior.weight_variance * h.within,
                          prior.weight_variance * h.between + prior.bias_variance});
        break;
    }
  }
  return layers;
}

double ReluCorrelation(double c) {
  if (c >= 1) return 1;
  return (std::sqrt((1 - c) * (1 + c)) + c * (kPi - std::acos(c))) / kPi;
}

double ReluCorrelationFiniteInput(int64_t depth, int64_t dimension) {
  // Two Gaussian inputs: the norms do not depend on the angle, and ReLU is homogeneous, so
  //   rho = (E|x|)^2 / d * E_theta[J^depth(cos theta)],  density of theta ~ sin^(d-2) theta.
  const double d = static_cast<double>(dimension);
  const double log_norm_ratio = std::lgamma((d + 1) / 2) - std::lgamma(d / 2);
  const double norms = 2 * std::exp(2 * log_norm_ratio) / d;
  const double log_density = std::lgamma(d / 2) - std::lgamma((d - 1) / 2) - 0.5 * std::log(kPi);
  const double mean = Integrate(0, kPi, 256, [&](double theta) {
    double c = std::cos(theta);
    for (int64_t layer = 0; layer < depth; ++layer) c = ReluCorrelation(c);
    return std::exp(log_density + (d - 2) * std::log(std::sin(theta))) * c;
  });
  return norms * mean;
}

}  // namespace firstguess::theory
