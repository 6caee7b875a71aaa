#include "common/spec/spaced_values.h"

#include <array>
#include <charconv>
#include <cmath>

namespace firstguess {
namespace {

constexpr int kSignificantDigits = 12;

double RoundDecimal(double value) {
  if (!std::isfinite(value)) return value;
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value,
                                 std::chars_format::scientific, kSignificantDigits - 1);
  double rounded = value;
  std::from_chars(text.data(), end.ptr, rounded);
  return rounded == 0 ? 0.0 : rounded;
}

// The points between the end points come from `between(i)`.
template <typename Between>
std::vector<double> Spaced(double from, double to, int64_t count, const Between& between) {
  std::vector<double> values;
  values.reserve(count);
  values.push_back(from);
  for (int64_t i = 1; i + 1 < count; ++i) values.push_back(RoundDecimal(between(i)));
  values.push_back(to);
  return values;
}

}  // namespace

std::vector<double> Linspace(double from, double to, int64_t count) {
  const double step = (to - from) / static_cast<double>(count - 1);
  return Spaced(from, to, count, [&](int64_t i) { return from + static_cast<double>(i) * step; });
}

std::vector<double> Geomspace(double from, double to, int64_t count) {
  const double ratio = to / from;
  return Spaced(from, to, count, [&](int64_t i) {
    return from * std::pow(ratio, static_cast<double>(i) / static_cast<double>(count - 1));
  });
}

}  // namespace firstguess
