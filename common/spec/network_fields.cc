#include "absl/strings/match.h"
#include "common/spec/datasets.h"
#include "common/spec/field_table.h"

namespace firstguess {
namespace {

bool IsCnn(const TrialConfig& config) { return config.model == "cnn"; }
bool IsResnet(const TrialConfig& config) { return absl::StartsWith(config.model, "resnet"); }
bool HasDepth(const TrialConfig& config) { return !IsResnet(config); }
bool HasNormChoice(const TrialConfig& config) { return !IsResnet(config); }
bool HasNormPosition(const TrialConfig& config) {
  return HasNormChoice(config) && config.norm != "none";
}

}  // namespace

bool HasBatchNorm(const TrialConfig& config) {
  return IsResnet(config) || config.norm == "batch_norm";
}

bool HasInitCondition(const TrialConfig& config) {
  return config.init_max_guess_min > 0 || config.init_max_guess_max < 1;
}

std::vector<Field> NetworkFields() {
  using Config = TrialConfig;
  constexpr FieldSection kCondition = FieldSection::kInitCondition;
  return {
      {.name = "dataset",
       .member = &Config::dataset,
       .words = DatasetNames(),
       .canonical = CanonicalDataset,
       .description = "images and labels to learn"},
      {.name = "model",
       .member = &Config::model,
       .words = {"mlp", "cnn", "resnet18", "resnet34", "resnet50"},
       .description = "kind of network"},
      {.name = "width",
       .member = &Config::width,
       .min = 1,
       .max = 65536,
       .description = "units of each hidden layer; channels of the first convolution, 64 in a "
                      "standard resnet"},
      {.name = "depth",
       .member = &Config::depth,
       .min = 1,
       .max = 1024,
       .has_effect = HasDepth,
       .depends_on = {"model"},
       .description = "hidden layers; of cnn, convolutions"},
      {.name = "activation",
       .member = &Config::activation,
       .words = {"relu", "tanh", "linear", "gelu", "leaky_relu", "erf"},
       .description = "after each hidden layer"},
      {.name = "norm",
       .member = &Config::norm,
       .words = {"none", "layer_norm", "batch_norm"},
       .has_effect = HasNormChoice,
       .depends_on = {"model"},
       .is_newer = true,
       .description = "normalisation of each hidden layer; a resnet has batch_norm"},
      {.name = "norm_position",
       .member = &Config::norm_position,
       .words = {"before", "after"},
       .has_effect = HasNormPosition,
       .depends_on = {"model", "norm"},
       .is_newer = true,
       .description = "before or after the activation"},
      {.name = "norm_statistics",
       .member = &Config::norm_statistics,
       .words = {"batch", "running"},
       .has_effect = HasBatchNorm,
       .depends_on = {"model", "norm"},
       .is_newer = true,
       .description = "what batch_norm takes on the probe set: the moments of the probe set "
                      "itself, or the running ones of training"},
      {.name = "pool",
       .member = &Config::pool,
       .words = {"max", "average"},
       .has_effect = IsCnn,
       .depends_on = {"model"},
       .is_newer = true,
       .description = "pooling of a cnn"},
      {.name = "stem",
       .member = &Config::stem,
       .words = {"cifar", "imagenet"},
       .has_effect = IsResnet,
       .depends_on = {"model"},
       .is_newer = true,
       .description = "first layers of a resnet: 3 x 3 for small images, or 7 x 7 with stride 2 "
                      "and max-pooling"},
      {.name = "init",
       .member = &Config::init,
       .words = {"he", "lecun", "glorot", "torch", "orthogonal"},
       .description = "distribution of the initial weights"},
      {.name = "init_scale",
       .member = &Config::init_scale,
       .description = "multiplies the weights' initial standard deviation"},
      {.name = "bias_scale",
       .member = &Config::bias_scale,
       .description = "initial standard deviation of the biases"},
      {.name = "readout_scale",
       .member = &Config::readout_scale,
       .is_newer = true,
       .description = "multiplies the read-out weights' initial standard deviation once more"},
      {.name = "init_max_guess_min",
       .member = &Config::init_max_guess_min,
       .section = kCondition,
       .max = 1,
       .is_newer = true,
       .description =
           "the initial weights are drawn again until max_guess at step 0 is at least this"},
      {.name = "init_max_guess_max",
       .member = &Config::init_max_guess_max,
       .section = kCondition,
       .max = 1,
       .is_newer = true,
       .description = "and at most this"},
      {.name = "init_tries",
       .member = &Config::init_tries,
       .section = kCondition,
       .min = 1,
       .max = 100000,
       .has_effect = HasInitCondition,
       .depends_on = {"init_max_guess_min", "init_max_guess_max"},
       .is_newer = true,
       .description = "draws after which such a trial fails"},
  };
}

}  // namespace firstguess
