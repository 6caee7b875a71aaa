#pragma once

#include "absl/status/status.h"
#include "common/spec/trial.h"
#include "worker/trainer/data/images.h"
#include "worker/trainer/models/mlp.h"

namespace firstguess::trainer {

// InvalidArgument, naming it, when `config` asks for a model, activation, init, loss or optimizer
// that the trainers here don't have.
absl::Status CheckTrial(const TrialConfig& config);

// The network that `config` trains on `data`. REQUIRES: CheckTrial(config) is ok.
MlpShape ShapeOf(const TrialConfig& config, const ImageDataset& data);

}  // namespace firstguess::trainer
