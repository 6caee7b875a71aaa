#include "worker/trainer/check_trial.h"

#include "absl/strings/str_cat.h"
#include "worker/trainer/initialisation.h"
#include "worker/trainer/losses/loss.h"
#include "worker/trainer/optimizer.h"

namespace firstguess::trainer {

absl::Status CheckTrial(const TrialConfig& config) {
  if (config.model != "mlp") {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown model \"", config.model, "\": this trainer has mlp"));
  }
  if (config.schedule != "constant" && config.schedule != "step" && config.schedule != "cosine") {
    return absl::InvalidArgumentError(absl::StrCat("unknown schedule \"", config.schedule,
                                                   "\": this trainer has constant, step, cosine"));
  }
  for (const absl::Status& status :
       {ActivationFromName(config.activation).status(), CheckInit(config),
        MakeLoss(config.loss).status(), MakeOptimizer(config).status()}) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

MlpShape ShapeOf(const TrialConfig& config, const ImageDataset& data) {
  return {data.train.inputs, config.width, config.depth, data.classes,
          *ActivationFromName(config.activation)};
}

}  // namespace firstguess::trainer
