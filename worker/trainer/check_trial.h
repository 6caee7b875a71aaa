#pragma once

#include "absl/status/status.h"
#include "common/spec/trial.h"
#include "worker/trainer/data/images.h"
#include "worker/trainer/models/mlp.h"

namespace firstguess::trainer {

// InvalidArgument, naming it, when `config` asks for a model, activation or optimizer that the
// trainers here don't have: what all trials of a pack share.
absl::Status CheckShape(const TrialConfig& config);

// InvalidArgument, naming it, when `config` asks for a model, activation, init, loss or optimizer
// that the trainers here don't have, a model that `data` don't fit, or a noise_matrix of classes
// that are not used. REQUIRES: `data` are those of `config`.
absl::Status CheckTrial(const TrialConfig& config, const ImageDataset& data);

// Whether the pack trainer (pack/train_tile.h) can do it; the others are trained one at a time
// (train_trial.h).
bool CanPack(const TrialConfig& config);

// The network that `config` trains on `data`. REQUIRES: CheckTrial(config, data) is ok, and
// CanPack(config).
MlpShape ShapeOf(const TrialConfig& config, const ImageDataset& data);

}  // namespace firstguess::trainer
