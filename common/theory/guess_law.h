#pragma once

#include <cstdint>
#include <vector>

namespace firstguess::theory {

// The law of the guess fractions G_c of an untrained wide network: read-out nodes are independent
// Gaussian processes with correlation rho between inputs, gamma = rho / (1 - rho), so that
//   f_c(x) = sqrt(q) (sqrt(rho) m_c + sqrt(1 - rho) xi_c(x)),  m_c, xi_c(x) i.i.d. N(0, 1).

// Two classes: G_0 = Phi(sqrt(gamma) Z) with Z ~ N(0, 1). gamma may be 0 or infinite.
struct TwoClassLaw {
  double gamma = 0;

  double ExpectedMax() const;        // E max(G_0, 1 - G_0) = 1/2 + arctan(sqrt(gamma)) / pi
  double StandardDeviation() const;  // of G_0: sqrt(arcsin(rho) / (2 pi))
  double Cdf(double g) const;        // P(G_0 <= g) = Phi(Phi^-1(g) / sqrt(gamma))
  double Quantile(double p) const;   // the g with Cdf(g) = p: Phi(sqrt(gamma) Phi^-1(p))
  double ProbabilityMaxAbove(double t) const;  // P(max(G_0, 1 - G_0) > t), 1/2 <= t < 1
  double ExpectedEntropyBits() const;          // of (G_0, 1 - G_0)
};

// C classes: moments of (G_0 .. G_{C-1}) by quadrature over xi for each of `draws` points m of a
// fixed quasi-random sequence. Deterministic.
struct GuessMoments {
  double expected_max = 0;
  double expected_max_error = 0;       // one standard error, from independent parts of the sequence
  double expected_sum_of_squares = 0;  // probability that two random inputs get the same guess
  double expected_entropy = 0;         // divided by ln C
};
GuessMoments GuessMomentsOf(int64_t classes, double rho, int64_t draws = 4096);

// The guess fractions for given m (one per class).
std::vector<double> GuessFractions(const std::vector<double>& m, double rho);

}  // namespace firstguess::theory
