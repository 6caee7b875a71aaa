#pragma once

#include <cmath>

namespace firstguess::theory {

// The standard normal distribution and expectations over it, in float64. Pure functions.

inline constexpr double kPi = 3.14159265358979323846;

// Density.
inline double NormalDensity(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2 * kPi); }

// Distribution function, accurate to the last digits in both tails.
inline double NormalCdf(double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); }

// Inverse of NormalCdf for 0 < p < 1; -inf and +inf at 0 and 1.
double NormalQuantile(double p);

// The step of NormalExpectation's sum.
inline constexpr double kNormalStep = 1.0 / 24;

// E f(Z) for Z ~ N(0,1). The trapezoidal rule on the whole line: for an f that is analytic in the
// strip |Im z| < a the error falls like exp(-2 pi a / h), so a step of 1/24 leaves nothing of it in
// float64 for a >= 0.25 (tanh(sqrt(q) z) up to q = 39).
template <typename Function>
double NormalExpectation(const Function& f) {
  constexpr int kSteps = 228;  // 9.5 standard deviations to either side
  double sum = 0;
  for (int i = -kSteps; i <= kSteps; ++i) {
    const double z = i * kNormalStep;
    sum += NormalDensity(z) * f(z);
  }
  return sum * kNormalStep;
}

// Calls visit(x, weight) at the nodes of Gauss-Legendre with 16 of them on each of `panels` equal
// panels of [from, to]: the integral of f is the sum of weight f(x).
template <typename Visit>
void ForEachNode(double from, double to, int panels, const Visit& visit) {
  // Nodes and weights of the 16-point rule on [-1, 1] (positive half; the rule is symmetric):
  // roots of the Legendre polynomial P_16 and 2 / ((1 - x^2) P_16'(x)^2).
  static constexpr double kNodes[8] = {
      0.0950125098376374402, 0.2816035507792589132, 0.4580167776572273863, 0.6178762444026437484,
      0.7554044083550030339, 0.8656312023878317439, 0.9445750230732325761, 0.9894009349916499326};
  static constexpr double kWeights[8] = {
      0.1894506104550684963, 0.1826034150449235889, 0.1691565193950025382, 0.1495959888165767320,
      0.1246289712555338721, 0.0951585116824927848, 0.0622535239386478929, 0.0271524594117540949};
  const double half = 0.5 * (to - from) / panels;
  for (int panel = 0; panel < panels; ++panel) {
    const double middle = from + (2 * panel + 1) * half;
    for (int i = 0; i < 8; ++i) {
      visit(middle - half * kNodes[i], half * kWeights[i]);
      visit(middle + half * kNodes[i], half * kWeights[i]);
    }
  }
}

// Integral of f over [from, to].
template <typename Function>
double Integrate(double from, double to, int panels, const Function& f) {
  double sum = 0;
  ForEachNode(from, to, panels, [&](double x, double weight) { sum += weight * f(x); });
  return sum;
}

// E f(Z) for an f with a kink at 0 (ReLU and its relatives): panels end there.
template <typename Function>
double NormalExpectationWithKink(const Function& f) {
  const auto integrand = [&f](double z) { return NormalDensity(z) * f(z); };
  return Integrate(-9.5, 0, 16, integrand) + Integrate(0, 9.5, 16, integrand);
}

}  // namespace firstguess::theory
