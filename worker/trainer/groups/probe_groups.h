#pragma once

#include <ATen/core/Tensor.h>

#include "common/spec/trial.h"
#include "common/trajectory.h"

namespace firstguess::trainer {

// Adds groups logits and confusion to `snapshot`, as far as `config` asks for them at its step: per
// class the mean and the population variance of its logit, and the confusion matrix without its
// zeros (argmax; ties to the lowest class). In float64, summed in the order of the examples.
// `logits`: [n, C], finite, any type and device; `labels`: int64 [n] on the CPU.
void MeasureProbeGroups(const TrialConfig& config, const at::Tensor& logits,
                        const at::Tensor& labels, Snapshot& snapshot);

}  // namespace firstguess::trainer
