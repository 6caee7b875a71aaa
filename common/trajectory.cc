#include "common/trajectory.h"

#include <algorithm>
#include <cmath>

namespace firstguess {

size_t VectorBytes(const Snapshot& snapshot) {
  const size_t numbers = snapshot.guess_count.size() + snapshot.correct_count.size() +
                         snapshot.mean_prob.size() + snapshot.class_loss.size() +
                         snapshot.drift.size() + snapshot.logit_mean.size() +
                         snapshot.logit_variance.size();
  size_t bytes = numbers * sizeof(double) + snapshot.confusion.size() * sizeof(ConfusionCount);
  for (const LayerState& layer : snapshot.layers) bytes += sizeof(LayerState) + layer.name.size();
  return bytes;
}

std::vector<int64_t> SnapshotSteps(int64_t steps, int64_t points, const std::string& spacing) {
  std::vector<int64_t> result = {0};
  if (steps <= 0) return result;
  if (points >= steps) {
    for (int64_t step = 1; step <= steps; ++step) result.push_back(step);
    return result;
  }
  if (points == 1) {
    result.push_back(steps);
    return result;
  }
  if (spacing == "linear") {
    for (int64_t k = 1; k <= points; ++k) {
      result.push_back((2 * steps * k + points) / (2 * points));
    }
    return result;
  }
  int64_t previous = 0;
  for (int64_t k = 0; k < points; ++k) {
    const double exponent = static_cast<double>(k) / static_cast<double>(points - 1);
    const auto rounded =
        static_cast<int64_t>(std::floor(std::pow(static_cast<double>(steps), exponent) + 0.5));
    previous = std::max(previous + 1, rounded);
    result.push_back(previous);
  }
  return result;
}

}  // namespace firstguess
