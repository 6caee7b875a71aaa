#include "tools/firstguess/report/theory_of_start.h"

#include <limits>
#include <string>
#include <variant>

#include "common/theory/guess_law.h"
#include "common/theory/order_parameters.h"

namespace firstguess {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
// Of the sequence that GuessMomentsOf averages over: its error is then about 0.003.
constexpr int64_t kDraws = 512;

// NULL if the file is of an earlier version, which has no such column.
SqlValue Value(const SweepData& data, const TrialRow& trial, const char* name) {
  for (size_t field = 0; field < data.fields.size(); ++field) {
    if (data.fields[field].name == name) return ValueOf(data, trial, field);
  }
  return std::monostate();
}

std::string Word(const SweepData& data, const TrialRow& trial, const char* field,
                 const char* otherwise = "") {
  const SqlValue value = Value(data, trial, field);
  const auto* word = std::get_if<std::string>(&value);
  return word == nullptr ? otherwise : *word;
}

double Number(const SweepData& data, const TrialRow& trial, const char* field,
              double otherwise = kUnknown) {
  const SqlValue value = Value(data, trial, field);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  const auto* integer = std::get_if<int64_t>(&value);
  return integer == nullptr ? otherwise : static_cast<double>(*integer);
}

// Times fan_in; negative where the layers have not all the same.
double WeightVariance(const std::string& init, double init_scale) {
  if (init == "he") return 2 * init_scale * init_scale;
  if (init == "lecun" || init == "orthogonal") return init_scale * init_scale;
  return -1;
}

}  // namespace

double TheoryOfStart::ExpectedMaxGuess(const TrialRow& trial) {
  const SweepData& data = *data_;
  if (trial.classes < 2 || Word(data, trial, "model") != "mlp" ||
      Word(data, trial, "norm", "none") != "none") {
    return kUnknown;
  }
  const auto activation = theory::ActivationFromName(Word(data, trial, "activation"));
  const double variance =
      WeightVariance(Word(data, trial, "init"), Number(data, trial, "init_scale"));
  const double bias_scale = Number(data, trial, "bias_scale");
  if (!activation.ok() || !(variance > 0)) return kUnknown;
  if (bias_scale != 0 && Number(data, trial, "readout_scale", 1) != 1) return kUnknown;

  const theory::Prior prior{.activation = *activation,
                            .weight_variance = variance,
                            .bias_variance = bias_scale * bias_scale,
                            .input_shift = Number(data, trial, "input_shift", 0)};
  const auto depth = static_cast<int64_t>(Number(data, trial, "depth"));
  const PriorKey key = {static_cast<int>(prior.activation), prior.weight_variance,
                        prior.bias_variance, prior.input_shift};
  const auto [expected, is_new] = expected_.try_emplace({key, depth, trial.classes}, kUnknown);
  if (is_new) {
    const double rho = OutputCorrelation(key, prior, depth);
    expected->second = theory::GuessMomentsOf(trial.classes, rho, kDraws).expected_max;
  }
  return expected->second;
}

double TheoryOfStart::OutputCorrelation(const PriorKey& key, const theory::Prior& prior,
                                        int64_t depth) {
  std::vector<theory::OrderParameters>& layers = layers_[key];
  const auto output = static_cast<size_t>(depth);
  if (layers.size() <= output) layers = theory::Propagate(prior, depth);
  return layers[output].rho();
}

}  // namespace firstguess
