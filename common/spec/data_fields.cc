#include "common/spec/datasets.h"
#include "common/spec/field_table.h"
#include "common/spec/list_fields.h"

namespace firstguess {
namespace {

bool HasLabelNoise(const TrialConfig& config) { return config.label_noise > 0; }
bool HasNoiseMatrix(const TrialConfig& config) {
  return HasLabelNoise(config) && config.noise_kind == "matrix";
}
bool IsBlobs(const TrialConfig& config) { return config.dataset == "blobs"; }
bool IsGenerated(const TrialConfig& config) { return IsGeneratedDataset(config.dataset); }
bool IsOwnOrGenerated(const TrialConfig& config) {
  return IsGenerated(config) || IsOwnDataset(config.dataset);
}
bool HasConfusion(const TrialConfig& config) { return HasGroup(config, "confusion"); }
bool HasSharpness(const TrialConfig& config) { return HasGroup(config, "sharpness"); }

}  // namespace

std::vector<Field> DataAndMeasurementFields() {
  using Config = TrialConfig;
  constexpr FieldSection kMeasure = FieldSection::kMeasure;
  return {
      {.name = "label_noise",
       .member = &Config::label_noise,
       .max = 1,
       .description = "probability that a training label is replaced"},
      {.name = "noise_kind",
       .member = &Config::noise_kind,
       .words = {"symmetric", "pair_flip", "matrix"},
       .has_effect = HasLabelNoise,
       .depends_on = {"label_noise"},
       .description = "what replaces it: any other class, the next, or by noise_matrix"},
      {.name = "noise_matrix",
       .member = &Config::noise_matrix,
       .canonical = CanonicalNoiseMatrix,
       .is_list = true,
       .has_effect = HasNoiseMatrix,
       .depends_on = {"label_noise", "noise_kind"},
       .is_newer = true,
       .description = "what replaces the labels of a class, as [3>5, 5>3:0.5, 5>6:0.5]: "
                      "class>other, with its share if it is not 1"},
      {.name = "class_imbalance",
       .member = &Config::class_imbalance,
       .min = 1,
       .description = "training examples of the largest class over those of the smallest"},
      {.name = "class_subset",
       .member = &Config::class_subset,
       .canonical = CanonicalClasses,
       .is_list = true,
       .is_newer = true,
       .description = "the classes that are used, as [0, 3, 7], numbered anew from 0; empty: all"},
      {.name = "input_shift",
       .member = &Config::input_shift,
       .min = -1e6,
       .max = 1e6,
       .is_newer = true,
       .description = "added to every normalised input"},
      {.name = "data_classes",
       .member = &Config::data_classes,
       .min = 2,
       .max = 1000,
       .has_effect = IsOwnOrGenerated,
       .depends_on = {"dataset"},
       .is_newer = true,
       .description = "classes of generated data, or of your own"},
      {.name = "data_dimension",
       .member = &Config::data_dimension,
       .min = 1,
       .max = 1e6,
       .has_effect = IsGenerated,
       .depends_on = {"dataset"},
       .is_newer = true,
       .description = "inputs of generated data"},
      {.name = "data_separation",
       .member = &Config::data_separation,
       .has_effect = IsBlobs,
       .depends_on = {"dataset"},
       .is_newer = true,
       .description =
           "distance of a blob's centre from 0, in standard deviations of the blob along one axis"},
      {.name = "data_train_per_class",
       .member = &Config::data_train_per_class,
       .min = 1,
       .max = 1e7,
       .has_effect = IsGenerated,
       .depends_on = {"dataset"},
       .is_newer = true,
       .description = "training examples of each class of generated data"},
      {.name = "data_test_per_class",
       .member = &Config::data_test_per_class,
       .min = 1,
       .max = 1e7,
       .has_effect = IsGenerated,
       .depends_on = {"dataset"},
       .is_newer = true,
       .description = "test examples of each class of generated data"},
      {.name = "seed",
       .member = &Config::seed,
       .max = kMaxInteger,
       .description = "of the initial weights"},
      {.name = "data_seed",
       .member = &Config::data_seed,
       .max = kMaxInteger,
       .description = "of the batches, the probe set, the label noise and generated data"},
      {.name = "probe_size",
       .member = &Config::probe_size,
       .section = kMeasure,
       .min = 1,
       .max = kMaxUpdates,
       .description = "test examples that snapshots are measured on"},
      {.name = "points",
       .member = &Config::points,
       .section = kMeasure,
       .min = 1,
       .max = 100000,
       .description = "snapshots after the first, which is at step 0"},
      {.name = "spacing",
       .member = &Config::spacing,
       .section = kMeasure,
       .words = {"log", "linear"},
       .description = "of the snapshots over the steps"},
      {.name = "groups",
       .member = &Config::groups,
       .section = kMeasure,
       .canonical = CanonicalGroups,
       .is_list = true,
       .is_newer = true,
       .description =
           "what else is measured: any of [confusion, layers, logits, noise, sharpness]"},
      {.name = "confusion_steps",
       .member = &Config::confusion_steps,
       .section = kMeasure,
       .canonical = CanonicalSteps,
       .is_list = true,
       .has_effect = HasConfusion,
       .depends_on = {"groups"},
       .is_newer = true,
       .description =
           "steps of the snapshots that have a confusion matrix; empty: the first and the last"},
      {.name = "sharpness_iterations",
       .member = &Config::sharpness_iterations,
       .section = kMeasure,
       .min = 1,
       .max = 10000,
       .has_effect = HasSharpness,
       .depends_on = {"groups"},
       .is_newer = true,
       .description = "of the power iteration for the largest eigenvalue of the Hessian"},
  };
}

}  // namespace firstguess
