#include "worker/trainer/check_trial.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "common/spec/datasets.h"
#include "common/spec/list_fields.h"
#include "common/spec/model_checks.h"
#include "common/spec/model_layers.h"
#include "worker/trainer/initialisation.h"
#include "worker/trainer/losses/loss.h"
#include "worker/trainer/models/make_model.h"
#include "worker/trainer/optimizer.h"

namespace firstguess::trainer {
namespace {

absl::Status CheckNoise(const TrialConfig& config) {
  if (config.label_noise == 0 || config.noise_kind != "matrix") return absl::OkStatus();
  const int64_t classes = DatasetOf(config).classes();
  for (const NoiseEntry& entry : NoiseMatrix(config.noise_matrix)) {
    if (entry.from < classes && entry.to < classes) continue;
    return absl::InvalidArgumentError(absl::StrCat("noise_matrix has ", entry.from, ">", entry.to,
                                                   ", where ", classes,
                                                   " classes are used, counted from 0"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckShape(const TrialConfig& config) {
  if (config.model != "mlp" && config.model != "cnn" && FindResnet(config.model) == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown model \"", config.model,
                     "\": this trainer has mlp, cnn, resnet18, resnet34, resnet50"));
  }
  if (absl::Status status = ActivationFromName(config.activation).status(); !status.ok()) {
    return status;
  }
  return MakeOptimizer(config).status();
}

absl::Status CheckTrial(const TrialConfig& config, const ImageDataset& data) {
  if (absl::Status status = CheckShape(config); !status.ok()) return status;
  if (config.schedule != "constant" && config.schedule != "step" && config.schedule != "cosine") {
    return absl::InvalidArgumentError(absl::StrCat("unknown schedule \"", config.schedule,
                                                   "\": this trainer has constant, step, cosine"));
  }
  for (const absl::Status& status : {CheckInit(config), MakeLoss(config.loss).status()}) {
    if (!status.ok()) return status;
  }
  if (const std::optional<Misfit> misfit = FindMisfit(config, ImageShapeOf(data))) {
    return absl::InvalidArgumentError(misfit->message);
  }
  return CheckNoise(config);
}

bool CanPack(const TrialConfig& config) {
  return config.model == "mlp" && !HasGroup(config, "sharpness") && !HasGroup(config, "layers");
}

MlpShape ShapeOf(const TrialConfig& config, const ImageDataset& data) {
  return {data.train.inputs,
          config.width,
          config.depth,
          data.classes,
          *ActivationFromName(config.activation),
          Normalisation::Of(config)};
}

}  // namespace firstguess::trainer
