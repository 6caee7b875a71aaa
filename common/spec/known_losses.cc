#include "common/spec/known_losses.h"

#include <utility>

namespace firstguess {
namespace {

// A parameter that multiplies a term, or a whole loss.
LossParameter Factor(absl::string_view name, double default_value, absl::string_view description) {
  return {.name = name, .default_value = default_value, .max = 1e6, .description = description};
}

LossParameter Gradient(absl::string_view description) {
  return {.name = "gradient",
          .default_value = "detached",
          .words = {"detached", "full"},
          .description = description};
}

LossParameter BlurryGamma() {
  return {.name = "gamma",
          .default_value = 0.5,
          .description = "how much less hard examples count; 0 is cross-entropy"};
}

LossParameter BlurryGradient() {
  return Gradient(
      "whether the factor p^gamma is differentiated (full) or taken as a constant (detached)");
}

LossParameter Cutoff() {
  return {.name = "cutoff",
          .default_value = 0.05,
          .max = 1,
          .description = "examples with p below it count nothing"};
}

LossParameter FocalGamma(double default_value) {
  return {.name = "gamma",
          .default_value = default_value,
          .max = 100,
          .description = "how much less learned examples count; 0 is cross-entropy"};
}

LossParameter FocalGradient() {
  return Gradient(
      "whether the factor (1 - p)^gamma is differentiated (full) or taken as a constant "
      "(detached)");
}

LossParameter Power(double default_value) {
  return {.name = "q",
          .default_value = default_value,
          .min = 0.001,
          .max = 1,
          .description = "between cross-entropy (towards 0) and mean absolute error (1)"};
}

LossParameter LogOfZero() {
  return {.name = "A",
          .default_value = -9.210340371976182,
          .min = -1000,
          .max = 0,
          .description = "taken for ln 0 of the label; the default is ln 1e-4"};
}

LossParameter AsymmetricPower(double default_value) {
  return {.name = "q",
          .default_value = default_value,
          .min = 0.01,
          .max = 10,
          .description = "the power"};
}

LossParameter AsymmetricOffset(double default_value, double min) {
  return {.name = "a",
          .default_value = default_value,
          .min = min,
          .max = 1000,
          .description = "the larger, the nearer to mean absolute error"};
}

std::vector<LossInfo> SingleLosses() {
  return {
      {.name = "cross_entropy", .formula = "-ln p", .source = "maximum likelihood"},
      {.name = "blurry",
       .parameters = {BlurryGamma(), BlurryGradient()},
       .formula = "-p^gamma ln p",
       .source = "Blurry Loss, arXiv 2511.16512; both gradients occur in its authors' code"},
      {.name = "piecewise_zero",
       .parameters = {Cutoff()},
       .formula = "-ln p if p >= cutoff, else 0",
       .source = "Piecewise-zero Loss, arXiv 2511.16512"},
      {.name = "blurry_piecewise_zero",
       .parameters = {BlurryGamma(), BlurryGradient(), Cutoff()},
       .formula = "-p^gamma ln p if p >= cutoff, else 0",
       .source = "an older version of the code of arXiv 2511.16512"},
      {.name = "label_smoothing",
       .parameters = {{.name = "epsilon",
                       .default_value = 0.1,
                       .max = 1,
                       .description = "share of the target spread evenly over the classes"}},
       .formula = "-(1 - epsilon) ln p - epsilon/C sum_k ln p_k",
       .source = "arXiv 1512.00567; default of the code of arXiv 1908.06112"},
      {.name = "focal",
       .parameters = {FocalGamma(2), FocalGradient()},
       .formula = "-(1 - p)^gamma ln p",
       .source = "arXiv 1708.02002; benchmarks on label noise take gamma 0.5, detached"},
      {.name = "mae",
       .parameters = {Factor("scale", 1, "1: 1 - p; 2: the sum over classes of |p_k - [k = y]|")},
       .formula = "scale (1 - p)",
       .source = "arXiv 1712.09482"},
      {.name = "gce",
       .parameters = {Power(0.7)},
       .formula = "(1 - p^q)/q",
       .source = "generalized cross-entropy, arXiv 1805.07836"},
      {.name = "truncated_gce",
       .parameters = {Power(0.7),
                      {.name = "k",
                       .default_value = 0.5,
                       .max = 1,
                       .description = "examples with p of at most this have no gradient"}},
       .formula = "(1 - p^q)/q if p > k, else (1 - k^q)/q",
       .source = "arXiv 1805.07836"},
      {.name = "rce",
       .parameters = {LogOfZero()},
       .formula = "-A (1 - p)",
       .source = "reverse cross-entropy, arXiv 1908.06112"},
  };
}

std::vector<LossInfo> NormalizedAndSummedLosses() {
  return {
      {.name = "sce",
       .parameters = {Factor("alpha", 0.1, "times cross-entropy"),
                      Factor("beta", 1, "times reverse cross-entropy"), LogOfZero()},
       .formula = "-alpha ln p - beta A (1 - p)",
       .source = "symmetric cross-entropy, arXiv 1908.06112; defaults of its code for CIFAR-10"},
      {.name = "nce",
       .parameters = {Factor("scale", 1, "times the loss")},
       .formula = "scale ln p / sum_k ln p_k",
       .source = "normalized cross-entropy, arXiv 2006.13554"},
      {.name = "nce_mae",
       .parameters = {Factor("alpha", 1, "times normalized cross-entropy"),
                      Factor("beta", 1, "times mean absolute error")},
       .formula = "alpha ln p / sum_k ln p_k + beta (1 - p)",
       .source = "arXiv 2006.13554; defaults of its code for CIFAR-10"},
      {.name = "nce_rce",
       .parameters = {Factor("alpha", 1, "times normalized cross-entropy"),
                      Factor("beta", 1, "times reverse cross-entropy"), LogOfZero()},
       .formula = "alpha ln p / sum_k ln p_k - beta A (1 - p)",
       .source = "arXiv 2006.13554; defaults of its code for CIFAR-10"},
      {.name = "nfl",
       .parameters = {FocalGamma(0.5), FocalGradient()},
       .formula = "F(p) / sum_k F(p_k) with F = -(1 - p)^gamma ln p",
       .source = "normalized focal loss, arXiv 2006.13554"},
      {.name = "ngce",
       .parameters = {Power(0.1)},
       .formula = "F(p) / sum_k F(p_k) with F = (1 - p^q)/q",
       .source = "normalized generalized cross-entropy, arXiv 2006.13554; default for CIFAR-10"},
      {.name = "anl_ce",
       .parameters = {Factor("alpha", 5, "times normalized cross-entropy"),
                      Factor("beta", 5, "times normalized negative cross-entropy"),
                      Factor("delta", 5e-5, "times the sum of all parameters' absolute values"),
                      {.name = "min_prob",
                       .default_value = 1e-7,
                       .min = 1e-30,
                       .max = 1e-3,
                       .description = "probabilities below it count as it"}},
       .formula =
           "alpha ln p / sum_k ln p_k + beta (1 - a / sum_k a_k) + delta |parameters|_1 with "
           "a = ln max(p, min_prob) - ln min_prob",
       .source = "active negative loss, Ye et al. 2023; defaults of its code for CIFAR-10"},
  };
}

std::vector<LossInfo> AsymmetricAndPolynomialLosses() {
  return {
      {.name = "agce",
       .parameters = {AsymmetricOffset(6, 0), AsymmetricPower(1.5)},
       .formula = "((a + 1)^q - (a + p)^q)/q",
       .source = "arXiv 2106.03110; defaults of the code of Ye et al. 2023 for CIFAR-10"},
      {.name = "aul",
       .parameters = {AsymmetricOffset(6.3, 1.001), AsymmetricPower(1.5)},
       .formula = "((a - p)^q - (a - 1)^q)/q",
       .source = "arXiv 2106.03110; defaults of the code of Ye et al. 2023 for CIFAR-10"},
      {.name = "ael",
       .parameters = {AsymmetricOffset(5, 0.01)},
       .formula = "exp(-p/a)",
       .source = "arXiv 2106.03110; default of the code of Ye et al. 2023 for CIFAR-10"},
      {.name = "taylor_ce",
       .parameters = {{.name = "t",
                       .default_value = 2.0,
                       .min = 1,
                       .max = 1000,
                       .is_integer = true,
                       .description = "terms; 1 is mean absolute error"}},
       .formula = "sum_(i=1..t) (1 - p)^i / i",
       .source = "Taylor cross-entropy, 10.24963/ijcai.2020/305"},
      {.name = "poly1",
       .parameters = {{.name = "epsilon",
                       .default_value = 1.0,
                       .min = -1,
                       .max = 1e6,
                       .description = "added to the factor of the first power of 1 - p"}},
       .formula = "-ln p + epsilon (1 - p)",
       .source = "Poly-1, arXiv 2204.12511"},
      {.name = "brier", .formula = "sum_k (p_k - [k = y])^2", .source = "Brier 1950"},
  };
}

}  // namespace

std::vector<LossInfo> MakeKnownLosses() {
  std::vector<LossInfo> losses;
  for (auto part : {SingleLosses, NormalizedAndSummedLosses, AsymmetricAndPolynomialLosses}) {
    for (LossInfo& loss : part()) losses.push_back(std::move(loss));
  }
  return losses;
}

}  // namespace firstguess
