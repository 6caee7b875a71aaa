#include "coordinator/service/rates.h"

#include <cmath>

namespace firstguess {
namespace {

constexpr absl::Duration kWindow = absl::Minutes(1);
constexpr absl::Duration kBetweenSamples = absl::Seconds(1);

// Each result lessens the weight of earlier ones, so that about the last thousand count.
constexpr double kRemembered = 1 - 1e-3;

}  // namespace

void SweepRates::Record(SweepId sweep, int64_t finished, absl::Duration now) {
  std::deque<Sample>& samples = samples_[sweep];
  if (!samples.empty() && finished < samples.back().finished) samples.clear();
  // The last sample is provisional until it is a second later than the one before it.
  if (samples.size() >= 2 && samples.back().at - samples[samples.size() - 2].at < kBetweenSamples) {
    samples.back() = {now, finished};
  } else {
    samples.push_back({now, finished});
  }
  while (samples.size() > 2 && now - samples[1].at > kWindow) samples.pop_front();
}

double SweepRates::PerSecond(SweepId sweep, absl::Duration now) const {
  const auto found = samples_.find(sweep);
  if (found == samples_.end()) return 0;
  const std::deque<Sample>& samples = found->second;
  if (samples.empty() || now - samples.back().at > kWindow) return 0;
  // The latest sample at least a window old, or the first there is.
  size_t first = 0;
  while (first + 1 < samples.size() && now - samples[first + 1].at >= kWindow) ++first;
  const double seconds = absl::ToDoubleSeconds(now - samples[first].at);
  if (seconds <= 0) return 0;
  return static_cast<double>(samples.back().finished - samples[first].finished) / seconds;
}

void TrainingRate::Record(double flops, double seconds) {
  if (!(seconds > 0) || !std::isfinite(seconds) || !(flops > 0)) return;
  flops_ = flops_ * kRemembered + flops;
  seconds_ = seconds_ * kRemembered + seconds;
}

}  // namespace firstguess
