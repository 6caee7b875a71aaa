#include "common/spec/field_table.h"
#include "common/spec/losses.h"

namespace firstguess {
namespace {

std::vector<absl::string_view> LossNames() {
  std::vector<absl::string_view> names;
  for (const LossInfo& loss : KnownLosses()) names.push_back(loss.name);
  return names;
}

bool UsesMomentum(const TrialConfig& config) {
  return config.optimizer == "momentum" || config.optimizer == "nesterov";
}
bool HasStepSchedule(const TrialConfig& config) { return config.schedule == "step"; }
bool HasOwnLoss(const TrialConfig& config) { return config.loss.name != "cross_entropy"; }

}  // namespace

std::vector<Field> TrainingFields() {
  using Config = TrialConfig;
  constexpr FieldSection kTrain = FieldSection::kTrain;
  return {
      {.name = "loss",
       .member = &Config::loss,
       .words = LossNames(),
       .description = "what training minimises"},
      {.name = "logit_bias",
       .member = &Config::logit_bias,
       .min = -1000,
       .max = 1000,
       .is_newer = true,
       .description = "added to the label's logit in training, under any loss"},
      {.name = "loss_delay_steps",
       .member = &Config::loss_delay_steps,
       .section = kTrain,
       .max = kMaxUpdates,
       .has_effect = HasOwnLoss,
       .depends_on = {"loss"},
       .description = "updates with cross-entropy before the loss takes over"},
      {.name = "optimizer",
       .member = &Config::optimizer,
       .section = kTrain,
       .words = {"sgd", "momentum", "adam", "nesterov", "adamw"},
       .description = "rule of the updates"},
      {.name = "learning_rate",
       .member = &Config::learning_rate,
       .section = kTrain,
       .description = "size of the updates"},
      {.name = "momentum",
       .member = &Config::momentum,
       .section = kTrain,
       .max = 1,
       .has_effect = UsesMomentum,
       .depends_on = {"optimizer"},
       .description = "share of the last update kept in the next"},
      {.name = "weight_decay",
       .member = &Config::weight_decay,
       .section = kTrain,
       .description = "times the parameters, added to the gradient; adamw shrinks the parameters "
                      "by it, apart from the gradient"},
      {.name = "schedule",
       .member = &Config::schedule,
       .section = kTrain,
       .words = {"constant", "step", "cosine"},
       .is_newer = true,
       .description = "of the learning rate after the warm-up; cosine falls to 0 at the end"},
      {.name = "warmup_steps",
       .member = &Config::warmup_steps,
       .section = kTrain,
       .max = kMaxUpdates,
       .is_newer = true,
       .description = "updates in which the learning rate rises linearly first"},
      {.name = "schedule_every",
       .member = &Config::schedule_every,
       .section = kTrain,
       .min = 1,
       .max = kMaxUpdates,
       .has_effect = HasStepSchedule,
       .depends_on = {"schedule"},
       .is_newer = true,
       .description = "updates after which schedule step multiplies the learning rate again"},
      {.name = "schedule_factor",
       .member = &Config::schedule_factor,
       .section = kTrain,
       .max = 1,
       .has_effect = HasStepSchedule,
       .depends_on = {"schedule"},
       .is_newer = true,
       .description = "what schedule step multiplies the learning rate by"},
      {.name = "max_grad_norm",
       .member = &Config::max_grad_norm,
       .section = kTrain,
       .is_newer = true,
       .description = "gradients with a larger Euclidean norm are scaled down to it; 0: none is"},
      {.name = "batch_size",
       .member = &Config::batch_size,
       .section = kTrain,
       .min = 1,
       .max = kMaxUpdates,
       .description = "training examples of one update"},
      {.name = "steps",
       .member = &Config::steps,
       .section = kTrain,
       .max = kMaxUpdates,
       .description = "updates; 0 measures the initial network only"},
  };
}

}  // namespace firstguess
