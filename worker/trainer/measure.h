#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "common/trajectory.h"
#include "worker/trainer/losses/loss.h"

namespace firstguess::trainer {

// Everything that a snapshot measures on the probe set, in float64 and summed in the order of the
// examples: all members of Snapshot but step, epoch, train_loss and grad_norm. `logits`: [n, C],
// any type and device; `labels`: int64 [n] on the CPU; `loss`: the trial's own. Nothing when a
// logit is not finite. The quantities are defined in common/trajectory.h and worker/README.md.
// Stable.
std::optional<Snapshot> MeasureProbe(const at::Tensor& logits, const at::Tensor& labels,
                                     const LossFunction& loss);

// How many probe examples are labelled with each class.
std::vector<int64_t> Support(const at::Tensor& labels, int64_t classes);

// A trajectory before its first snapshot: with the support, and the classes ranked in their order,
// which is left when even step 0 is not finite and there are no guesses to rank by.
Trajectory EmptyTrajectory(const at::Tensor& labels, int64_t classes);

// Per class, its rank in the initial state: by guess_count at step 0 descending, then mean_prob
// descending, then class. 0 = favoured. Stable.
std::vector<int64_t> InitialRank(const Snapshot& step0);

}  // namespace firstguess::trainer
