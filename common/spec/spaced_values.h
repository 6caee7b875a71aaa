#pragma once

#include <cstdint>
#include <vector>

namespace firstguess {

// `count` values from `from` to `to`, in equal steps (Linspace) or equal ratios (Geomspace). The
// formulas, in binary64, i = 0 … count - 1:
//   linspace   from + i * ((to - from) / (count - 1))
//   geomspace  from * (to / from)^(i / (count - 1))
// Each is then rounded to 12 significant decimal digits; the end points are exactly `from` and
// `to`. Stable. REQUIRES: count >= 2; for Geomspace from > 0 and to > 0.
std::vector<double> Linspace(double from, double to, int64_t count);
std::vector<double> Geomspace(double from, double to, int64_t count);

}  // namespace firstguess
