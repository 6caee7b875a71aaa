#include "common/theory/gaussian.h"

#include <limits>

namespace firstguess::theory {

double NormalQuantile(double p) {
  if (p <= 0) return -std::numeric_limits<double>::infinity();
  if (p >= 1) return std::numeric_limits<double>::infinity();
  if (p > 0.5) return -NormalQuantile(1 - p);
  // Newton on log Phi, which is concave: from the left of the root it climbs without overshooting.
  // -sqrt(-2 ln(2p)) - 1 lies to the left of it for every p <= 1/2.
  double x = -std::sqrt(-2 * std::log(2 * p)) - 1;
  for (int i = 0; i < 60; ++i) {
    const double cdf = NormalCdf(x);
    const double step = (std::log(cdf) - std::log(p)) * cdf / NormalDensity(x);
    x -= step;
    if (std::abs(step) <= 1e-15 * std::abs(x)) break;
  }
  return x;
}

}  // namespace firstguess::theory
