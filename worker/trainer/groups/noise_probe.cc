#include "worker/trainer/groups/noise_probe.h"

#include <ATen/ops/randperm.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "worker/trainer/random.h"

namespace firstguess::trainer {
namespace {

// Sums over the examples of one kind.
struct Sums {
  int64_t examples = 0;
  double kept = 0;
  double weight = 0;

  double MeanOf(double sum) const {
    return examples > 0 ? sum / static_cast<double>(examples) : kNotMeasured;
  }
};

}  // namespace

NoiseProbe MakeNoiseProbe(const Batches& batches, const TrialConfig& config) {
  const at::Tensor labels = batches.Labels();
  const int64_t train = labels.size(0);
  NoiseProbe probe;
  probe.rows = at::randperm(train, StreamGenerator(absl::StrCat("noise_probe/", config.data_seed)),
                            at::kLong)
                   .narrow(0, 0, std::min(config.probe_size, train))
                   .clone();
  probe.inputs = batches.Inputs(probe.rows);
  probe.labels = labels.index_select(0, probe.rows);
  return probe;
}

NoiseState MeasureNoise(const at::Tensor& logits, const at::Tensor& given, const at::Tensor& truth,
                        const LossFunction& loss) {
  const at::Tensor exact = logits.to(at::kCPU, at::kDouble).contiguous();
  const auto examples = static_cast<size_t>(exact.size(0));
  const auto classes = static_cast<size_t>(exact.size(1));
  const auto* given_label = given.const_data_ptr<int64_t>();
  const auto* true_label = truth.const_data_ptr<int64_t>();
  Sums clean, corrupted;
  for (size_t i = 0; i < examples; ++i) {
    ++(given_label[i] == true_label[i] ? clean : corrupted).examples;
  }
  NoiseState state;
  state.clean_examples = clean.examples;
  state.corrupted_examples = corrupted.examples;
  const double* logit = exact.const_data_ptr<double>();
  if (!std::all_of(logit, logit + examples * classes, [](double z) { return std::isfinite(z); })) {
    return state;
  }

  const LossValues values = loss.Evaluate(MakeExamples(exact, given));
  double as_given = 0, as_true = 0;
  for (size_t i = 0; i < examples; ++i) {
    if (given_label[i] == true_label[i]) continue;
    const double* z = logit + i * classes;
    const int64_t guess = std::max_element(z, z + classes) - z;
    if (guess == given_label[i]) ++as_given;
    if (guess == true_label[i]) ++as_true;
  }
  state.accuracy_given = corrupted.MeanOf(as_given);
  state.accuracy_true = corrupted.MeanOf(as_true);
  if (!values.weight.defined()) return state;
  const at::Tensor weights = values.weight.contiguous();
  const double* weight = weights.const_data_ptr<double>();
  for (size_t i = 0; i < examples; ++i) {
    Sums& sums = given_label[i] == true_label[i] ? clean : corrupted;
    if (weight[i] > 0) ++sums.kept;
    sums.weight += weight[i];
  }
  state.kept_clean = clean.MeanOf(clean.kept);
  state.kept_corrupted = corrupted.MeanOf(corrupted.kept);
  state.weight_clean = clean.MeanOf(clean.weight);
  state.weight_corrupted = corrupted.MeanOf(corrupted.weight);
  return state;
}

}  // namespace firstguess::trainer
