#pragma once

#include <cstdint>

#include "common/spec/trial.h"

namespace firstguess::trainer {

// The learning rate of update `t` = 1, 2, … With W = warmup_steps and u = t - 1 - W:
//
//   t <= W     learning_rate t / (W + 1)
//   constant   learning_rate
//   step       learning_rate schedule_factor^floor(u / schedule_every)
//   cosine     learning_rate (1 + cos(pi u / (steps - W))) / 2
//
// PyTorch's LinearLR(start_factor = 1 / (W + 1), total_iters = W), then StepLR or
// CosineAnnealingLR, stepped after each update. In float64. Stable.
double LearningRateAt(const TrialConfig& config, int64_t t);

// False when it is the same at every update.
bool HasSchedule(const TrialConfig& config);

}  // namespace firstguess::trainer
