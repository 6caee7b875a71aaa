#include "worker/trainer/learning_rate.h"

#include <cmath>

namespace firstguess::trainer {

double LearningRateAt(const TrialConfig& config, int64_t t) {
  const int64_t warmup = config.warmup_steps;
  if (t <= warmup) {
    return config.learning_rate * static_cast<double>(t) / static_cast<double>(warmup + 1);
  }
  const int64_t u = t - 1 - warmup;
  if (config.schedule == "step") {
    return config.learning_rate *
           std::pow(config.schedule_factor, static_cast<double>(u / config.schedule_every));
  }
  if (config.schedule == "cosine") {
    const double share = static_cast<double>(u) / static_cast<double>(config.steps - warmup);
    return config.learning_rate * (1 + std::cos(M_PI * share)) / 2;
  }
  return config.learning_rate;
}

bool HasSchedule(const TrialConfig& config) {
  return config.schedule != "constant" || config.warmup_steps > 0;
}

}  // namespace firstguess::trainer
