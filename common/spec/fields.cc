#include "common/spec/fields.h"

#include <type_traits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/canonical_json.h"
#include "common/spec/datasets.h"
#include "common/spec/limits.h"
#include "common/spec/losses.h"

namespace firstguess {
namespace {

constexpr double kMaxUpdates = 1e9;

std::vector<absl::string_view> DatasetNames() {
  std::vector<absl::string_view> names;
  for (const DatasetInfo& dataset : KnownDatasets()) names.push_back(dataset.name);
  return names;
}

std::vector<absl::string_view> LossNames() {
  std::vector<absl::string_view> names;
  for (const LossInfo& loss : KnownLosses()) names.push_back(loss.name);
  return names;
}

bool UsesMomentum(const TrialConfig& config) {
  return config.optimizer == "momentum" || config.optimizer == "nesterov";
}
bool HasStepSchedule(const TrialConfig& config) { return config.schedule == "step"; }
bool HasLabelNoise(const TrialConfig& config) { return config.label_noise > 0; }
bool HasOwnLoss(const TrialConfig& config) { return config.loss.name != "cross_entropy"; }

std::vector<Field> MakeTrialFields() {
  using Config = TrialConfig;
  constexpr FieldSection kTrain = FieldSection::kTrain;
  constexpr FieldSection kMeasure = FieldSection::kMeasure;
  return {
      {.name = "dataset",
       .member = &Config::dataset,
       .words = DatasetNames(),
       .description = "images and labels to learn"},
      {.name = "model",
       .member = &Config::model,
       .words = {"mlp"},
       .description = "kind of network"},
      {.name = "width",
       .member = &Config::width,
       .min = 1,
       .max = 65536,
       .description = "units of each hidden layer"},
      {.name = "depth",
       .member = &Config::depth,
       .min = 1,
       .max = 1024,
       .description = "hidden layers"},
      {.name = "activation",
       .member = &Config::activation,
       .words = {"relu", "tanh", "linear", "gelu", "leaky_relu", "erf"},
       .description = "after each hidden layer"},
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
      {.name = "loss",
       .member = &Config::loss,
       .words = LossNames(),
       .description = "what training minimises"},
      {.name = "loss_delay_steps",
       .member = &Config::loss_delay_steps,
       .section = kTrain,
       .max = kMaxUpdates,
       .has_effect = HasOwnLoss,
       .depends_on = "loss",
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
       .depends_on = "optimizer",
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
       .depends_on = "schedule",
       .is_newer = true,
       .description = "updates after which schedule step multiplies the learning rate again"},
      {.name = "schedule_factor",
       .member = &Config::schedule_factor,
       .section = kTrain,
       .max = 1,
       .has_effect = HasStepSchedule,
       .depends_on = "schedule",
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
      {.name = "label_noise",
       .member = &Config::label_noise,
       .max = 1,
       .description = "probability that a training label is replaced"},
      {.name = "noise_kind",
       .member = &Config::noise_kind,
       .words = {"symmetric", "pair_flip"},
       .has_effect = HasLabelNoise,
       .depends_on = "label_noise",
       .description = "what replaces it: any other class, or the next"},
      {.name = "class_imbalance",
       .member = &Config::class_imbalance,
       .min = 1,
       .description = "training examples of the largest class over those of the smallest"},
      {.name = "seed",
       .member = &Config::seed,
       .max = kMaxInteger,
       .description = "of the initial weights"},
      {.name = "data_seed",
       .member = &Config::data_seed,
       .max = kMaxInteger,
       .description = "of the batches, the probe set and the label noise"},
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
  };
}

std::string LossText(const Loss& loss) {
  std::vector<std::string> parameters;
  for (const auto& [name, value] : loss.parameters) {
    const double* number = std::get_if<double>(&value);
    parameters.push_back(absl::StrCat(
        name, "=", number != nullptr ? NumberText(*number) : std::get<std::string>(value)));
  }
  if (parameters.empty()) return loss.name;
  return absl::StrCat(loss.name, "(", absl::StrJoin(parameters, ", "), ")");
}

absl::Status WrongType(const Field& field) {
  constexpr absl::string_view kTypes[] = {"an integer", "a number", "a word", "a loss"};
  return absl::InvalidArgumentError(
      absl::StrCat("`", field.name, "` must be ", kTypes[static_cast<int>(field.type())]));
}

// -0 is 0: the two train alike and must be one trial.
double WithoutNegativeZero(double value) { return value == 0 ? 0.0 : value; }

Loss WithoutNegativeZero(Loss loss) {
  for (auto& [name, value] : loss.parameters) {
    if (double* number = std::get_if<double>(&value)) *number = WithoutNegativeZero(*number);
  }
  return loss;
}

}  // namespace

std::string ToText(const FieldValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return absl::StrCat(*integer);
  if (const auto* number = std::get_if<double>(&value)) return NumberText(*number);
  if (const auto* word = std::get_if<std::string>(&value)) return *word;
  return LossText(std::get<Loss>(value));
}

const std::vector<Field>& TrialFields() {
  static const auto* const fields = new std::vector<Field>(MakeTrialFields());
  return *fields;
}

bool Field::IsWritten(const TrialConfig& config) const {
  static const auto* const defaults = new TrialConfig;
  if (!HasEffect(config)) return false;
  return !is_newer || GetField(config, *this) != GetField(*defaults, *this);
}

const Field* FindField(absl::string_view name) {
  static const auto* const by_name = [] {
    auto* fields = new absl::flat_hash_map<absl::string_view, const Field*>;
    for (const Field& field : TrialFields()) fields->emplace(field.name, &field);
    return fields;
  }();
  const auto found = by_name->find(name);
  return found == by_name->end() ? nullptr : found->second;
}

FieldValue GetField(const TrialConfig& config, const Field& field) {
  return std::visit([&](auto member) { return FieldValue(config.*member); }, field.member);
}

absl::Status CheckField(const Field& field, const FieldValue& value) {
  switch (field.type()) {
    case FieldType::kInteger: {
      const auto* integer = std::get_if<int64_t>(&value);
      if (integer == nullptr) return WrongType(field);
      return CheckNumber(field.name, static_cast<double>(*integer), field.min, field.max);
    }
    case FieldType::kReal: {
      if (const auto* integer = std::get_if<int64_t>(&value)) {
        return CheckNumber(field.name, static_cast<double>(*integer), field.min, field.max);
      }
      const auto* number = std::get_if<double>(&value);
      if (number == nullptr) return WrongType(field);
      return CheckNumber(field.name, *number, field.min, field.max);
    }
    case FieldType::kWord: {
      const auto* word = std::get_if<std::string>(&value);
      if (word == nullptr) return WrongType(field);
      return CheckWord(field.name, *word, field.words);
    }
    case FieldType::kLoss: {
      const auto* loss = std::get_if<Loss>(&value);
      if (loss == nullptr) return WrongType(field);
      return CheckLoss(*loss);
    }
  }
  return WrongType(field);
}

absl::Status SetField(TrialConfig& config, const Field& field, const FieldValue& value) {
  if (absl::Status status = CheckField(field, value); !status.ok()) return status;
  switch (field.type()) {
    case FieldType::kInteger:
      config.*std::get<int64_t TrialConfig::*>(field.member) = std::get<int64_t>(value);
      break;
    case FieldType::kReal: {
      const auto* integer = std::get_if<int64_t>(&value);
      config.*std::get<double TrialConfig::*>(field.member) =
          integer != nullptr ? static_cast<double>(*integer)
                             : WithoutNegativeZero(std::get<double>(value));
      break;
    }
    case FieldType::kWord:
      config.*std::get<std::string TrialConfig::*>(field.member) = std::get<std::string>(value);
      break;
    case FieldType::kLoss:
      config.*std::get<Loss TrialConfig::*>(field.member) =
          WithoutNegativeZero(std::get<Loss>(value));
      break;
  }
  return absl::OkStatus();
}

TrialConfig WithoutIdleFields(const TrialConfig& config) {
  static const auto* const defaults = new TrialConfig;
  TrialConfig result = config;
  for (const Field& field : TrialFields()) {
    if (field.HasEffect(config)) continue;
    std::visit([&](auto member) { result.*member = (*defaults).*member; }, field.member);
  }
  return result;
}

}  // namespace firstguess
