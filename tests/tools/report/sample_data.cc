#include "tests/tools/report/sample_data.h"

#include "common/spec/fields.h"

namespace firstguess {
namespace {

SqlValue DefaultValue(const Field& field) {
  TrialConfig config;
  config.dataset = "fashion-mnist";
  config.steps = 100;
  const FieldValue value = GetField(config, field);
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* real = std::get_if<double>(&value)) return *real;
  return std::get<std::string>(value);
}

}  // namespace

SweepData SampleData() {
  SweepData data;
  data.sweep_id = 1;
  data.name = "sample";
  data.state = "done";
  data.cells = 8;
  data.done = 8;
  data.treatments = {{.loss = "cross_entropy", .loss_params = "{}", .label = "cross-entropy"},
                     {.loss = "piecewise_zero",
                      .loss_params = R"({"cutoff":0.05})",
                      .label = "piecewise-zero, cutoff 0.05"}};
  for (const Field& field : TrialFields()) {
    if (field.name == "loss" || field.name == "loss_delay_steps") continue;
    data.fields.push_back({.name = std::string(field.name), .values = {DefaultValue(field)}});
  }
  data.fields[FieldIndex(data, "width")].values = {int64_t{32}, int64_t{64}};
  data.fields[FieldIndex(data, "seed")].values = {int64_t{0}, int64_t{1}};
  for (uint32_t width = 0; width < 2; ++width) {
    for (uint32_t treatment = 0; treatment < 2; ++treatment) {
      for (uint32_t seed = 0; seed < 2; ++seed) {
        TrialRow trial{.trial_id = static_cast<int64_t>(data.trials.size()) + 1, .status = "done"};
        trial.values.assign(data.fields.size(), 0);
        trial.values[FieldIndex(data, "width")] = width;
        trial.values[FieldIndex(data, "seed")] = seed;
        trial.treatment = treatment;
        trial.classes = 10;
        trial.favoured_class = 4;
        trial.first = {
            .step = 0, .accuracy = 0.1, .max_guess = 0.6, .favoured_prob = 0.5, .above_chance = 1};
        trial.last = {.step = 100,
                      .accuracy = 0.8,
                      .max_guess = 0.12,
                      .favoured_prob = 0.1,
                      .above_chance = 10};
        data.trials.push_back(trial);
      }
    }
  }
  return data;
}

}  // namespace firstguess
