#pragma once

#include <memory>

#include "common/spec/model_layers.h"
#include "common/spec/trial.h"
#include "worker/trainer/data/images.h"
#include "worker/trainer/models/model.h"

namespace firstguess::trainer {

ImageShape ImageShapeOf(const ImageDataset& data);

// The model that `config` trains on `data`. REQUIRES: CheckTrial(config, data) is ok.
std::shared_ptr<const Model> MakeModel(const TrialConfig& config, const ImageDataset& data);

}  // namespace firstguess::trainer
