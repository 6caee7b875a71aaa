#include "common/theory/guess_law.h"

#include <algorithm>
#include <cmath>

#include "common/theory/gaussian.h"

namespace firstguess::theory {
namespace {

double EntropyBits(double p) {
  if (p <= 0 || p >= 1) return 0;
  return -(p * std::log2(p) + (1 - p) * std::log2(1 - p));
}

// Additive recurrence on the unit cube (the generalised golden ratio: alpha_k = phi_d^-(k+1) with
// phi_d^(d+1) = phi_d + 1): evenly spread for any number of points, deterministic.
std::vector<double> RecurrenceSteps(int64_t dimensions) {
  double ratio = 2;
  for (int i = 0; i < 64; ++i)
    ratio = std::pow(1 + ratio, 1.0 / static_cast<double>(dimensions + 1));
  std::vector<double> steps(static_cast<size_t>(dimensions));
  for (size_t k = 0; k < steps.size(); ++k) {
    steps[k] = std::fmod(std::pow(1 / ratio, static_cast<double>(k + 1)), 1.0);
  }
  return steps;
}

}  // namespace

double TwoClassLaw::ExpectedMax() const { return 0.5 + std::atan(std::sqrt(gamma)) / kPi; }

double TwoClassLaw::StandardDeviation() const {
  const double rho = std::isinf(gamma) ? 1 : gamma / (1 + gamma);
  return std::sqrt(std::asin(rho) / (2 * kPi));
}

double TwoClassLaw::Cdf(double g) const {
  if (gamma == 0) return g < 0.5 ? 0 : 1;
  return NormalCdf(NormalQuantile(g) / std::sqrt(gamma));
}

double TwoClassLaw::Quantile(double p) const {
  if (gamma == 0 || p == 0.5) return 0.5;
  return NormalCdf(std::sqrt(gamma) * NormalQuantile(p));
}

double TwoClassLaw::ProbabilityMaxAbove(double t) const {
  if (gamma == 0) return t < 0.5 ? 1 : 0;
  return 2 * NormalCdf(-NormalQuantile(t) / std::sqrt(gamma));
}

double TwoClassLaw::ExpectedEntropyBits() const {
  const double root = std::sqrt(gamma);
  if (root <= 1) {
    return NormalExpectation([root](double z) { return EntropyBits(NormalCdf(root * z)); });
  }
  // Over u = sqrt(gamma) Z, where the integrand has a width of 1 whatever gamma is; the entropy of
  // Phi(u) is below 1e-16 from 9 on.
  return 2 * Integrate(0, 9, 24, [root](double u) {
           return EntropyBits(NormalCdf(-u)) * NormalDensity(u / root) / root;
         });
}

std::vector<double> GuessFractions(const std::vector<double>& m, double rho) {
  const size_t classes = m.size();
  std::vector<double> fractions(classes, 0);
  if (rho >= 1) {
    fractions[static_cast<size_t>(std::max_element(m.begin(), m.end()) - m.begin())] = 1;
    return fractions;
  }
  const double drift = std::sqrt(rho / (1 - rho));
  // G_c = E_xi prod_{j != c} Phi(xi + drift (m_c - m_j)), over t = xi + drift m_c, so that all
  // classes share the nodes. Below the largest drift m_j by 8 or more every product vanishes.
  const double highest = drift * *std::max_element(m.begin(), m.end());
  std::vector<double> above(classes + 1, 1);  // product of Phi(t - drift m_j) over j >= c
  ForEachNode(highest - 8, highest + 8, 8, [&](double t, double weight) {
    for (size_t j = classes; j > 0; --j) above[j - 1] = above[j] * NormalCdf(t - drift * m[j - 1]);
    double below = 1;
    for (size_t c = 0; c < classes; ++c) {
      fractions[c] += weight * NormalDensity(t - drift * m[c]) * below * above[c + 1];
      below *= NormalCdf(t - drift * m[c]);
    }
  });
  return fractions;
}

GuessMoments GuessMomentsOf(int64_t classes, double rho, int64_t draws) {
  constexpr int kParts = 8;
  const std::vector<double> steps = RecurrenceSteps(classes);
  std::vector<double> m(static_cast<size_t>(classes));
  GuessMoments moments;
  double part_max[kParts] = {};
  const int64_t per_part = std::max<int64_t>(1, draws / kParts);
  for (int part = 0; part < kParts; ++part) {
    for (int64_t i = 0; i < per_part; ++i) {
      const double index = static_cast<double>(part * per_part + i + 1);
      for (size_t c = 0; c < m.size(); ++c) {
        m[c] = NormalQuantile(std::fmod(0.5 + index * steps[c], 1.0));
      }
      const std::vector<double> fractions = GuessFractions(m, rho);
      for (const double g : fractions) {
        moments.expected_sum_of_squares += g * g;
        if (g > 0) moments.expected_entropy -= g * std::log(g);
      }
      part_max[part] += *std::max_element(fractions.begin(), fractions.end());
    }
    part_max[part] /= static_cast<double>(per_part);
    moments.expected_max += part_max[part] / kParts;
  }
  const auto total = static_cast<double>(kParts * per_part);
  moments.expected_sum_of_squares /= total;
  moments.expected_entropy /= total * std::log(static_cast<double>(classes));
  double square = 0;
  for (const double value : part_max) {
    square += (value - moments.expected_max) * (value - moments.expected_max);
  }
  moments.expected_max_error = std::sqrt(square / (kParts * (kParts - 1)));
  return moments;
}

}  // namespace firstguess::theory
