#include "worker/trainer/measure.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace firstguess::trainer {
namespace {

// Of a distribution, divided by ln C: 1 when even, 0 when all on one class.
double RelativeEntropy(const std::vector<double>& fractions) {
  double entropy = 0;
  for (const double fraction : fractions) {
    if (fraction > 0) entropy -= fraction * std::log(fraction);
  }
  return entropy / std::log(static_cast<double>(fractions.size()));
}

void DivideBy(double n, std::vector<double>& values) {
  for (double& value : values) value /= n;
}

}  // namespace

std::optional<Snapshot> MeasureProbe(const at::Tensor& logits, const at::Tensor& labels,
                                     const LossFunction& loss) {
  const at::Tensor exact_logits = logits.to(at::kCPU, at::kDouble).contiguous();
  const auto n = static_cast<size_t>(exact_logits.size(0));
  const auto classes = static_cast<size_t>(exact_logits.size(1));
  const double* logit = exact_logits.const_data_ptr<double>();
  if (!std::all_of(logit, logit + n * classes, [](double z) { return std::isfinite(z); })) {
    return std::nullopt;
  }

  const LabelledExamples probe = MakeExamples(exact_logits, labels);
  const LossValues values = loss.Evaluate(probe);
  const at::Tensor losses = values.value.contiguous();
  const at::Tensor gradients = values.logits_gradient.contiguous();
  const auto* label = labels.const_data_ptr<int64_t>();
  const double* log_prob = probe.log_probs.const_data_ptr<double>();
  const double* label_log_prob = probe.label_log_probs.const_data_ptr<double>();
  const double* value = losses.const_data_ptr<double>();
  const double* gradient = gradients.const_data_ptr<double>();

  Snapshot snapshot;
  snapshot.guess_count.assign(classes, 0);
  snapshot.correct_count.assign(classes, 0);
  snapshot.mean_prob.assign(classes, 0);
  snapshot.class_loss.assign(classes, 0);
  snapshot.drift.assign(classes, 0);
  double loss_sum = 0, cross_entropy_sum = 0;
  int64_t tied = 0, correct = 0;
  for (size_t i = 0; i < n; ++i) {
    const double* z = logit + i * classes;
    const auto y = static_cast<size_t>(label[i]);
    const auto guess = static_cast<size_t>(std::max_element(z, z + classes) - z);
    ++snapshot.guess_count[guess];
    if (guess == y) {
      ++snapshot.correct_count[y];
      ++correct;
    }
    if (std::all_of(z, z + classes, [&](double other) { return other == z[0]; })) ++tied;
    for (size_t c = 0; c < classes; ++c) {
      snapshot.mean_prob[c] += std::exp(log_prob[i * classes + c]);
      snapshot.drift[c] += gradient[i * classes + c];
    }
    snapshot.class_loss[y] += value[i];
    loss_sum += value[i];
    cross_entropy_sum -= label_log_prob[i];
  }

  const auto examples = static_cast<double>(n);
  const std::vector<int64_t> support = Support(labels, static_cast<int64_t>(classes));
  for (size_t c = 0; c < classes; ++c) {
    snapshot.class_loss[c] =
        support[c] > 0 ? snapshot.class_loss[c] / static_cast<double>(support[c]) : kNotMeasured;
  }
  DivideBy(examples, snapshot.mean_prob);
  DivideBy(examples, snapshot.drift);
  std::vector<double> guess_fraction(snapshot.guess_count.begin(), snapshot.guess_count.end());
  DivideBy(examples, guess_fraction);

  snapshot.probe_loss = loss_sum / examples;
  snapshot.probe_cross_entropy = cross_entropy_sum / examples;
  snapshot.accuracy = static_cast<double>(correct) / examples;
  snapshot.max_guess = *std::max_element(guess_fraction.begin(), guess_fraction.end());
  snapshot.guess_entropy = RelativeEntropy(guess_fraction);
  snapshot.prob_entropy = RelativeEntropy(snapshot.mean_prob);
  if (values.weight.defined()) {
    snapshot.mean_weight = values.weight.mean().item<double>();
    snapshot.kept_fraction = values.weight.gt(0).sum().item<double>() / examples;
  }
  snapshot.tied_fraction = static_cast<double>(tied) / examples;
  return snapshot;
}

std::vector<int64_t> Support(const at::Tensor& labels, int64_t classes) {
  std::vector<int64_t> support(static_cast<size_t>(classes), 0);
  const auto* label = labels.const_data_ptr<int64_t>();
  for (int64_t i = 0; i < labels.size(0); ++i) ++support[static_cast<size_t>(label[i])];
  return support;
}

Trajectory EmptyTrajectory(const at::Tensor& labels, int64_t classes) {
  Trajectory trajectory;
  trajectory.support = Support(labels, classes);
  trajectory.initial_rank.resize(trajectory.support.size());
  std::iota(trajectory.initial_rank.begin(), trajectory.initial_rank.end(), int64_t{0});
  return trajectory;
}

std::vector<int64_t> InitialRank(const Snapshot& step0) {
  std::vector<size_t> by_rank(step0.guess_count.size());
  std::iota(by_rank.begin(), by_rank.end(), size_t{0});
  std::sort(by_rank.begin(), by_rank.end(), [&](size_t a, size_t b) {
    return std::make_tuple(-step0.guess_count[a], -step0.mean_prob[a], a) <
           std::make_tuple(-step0.guess_count[b], -step0.mean_prob[b], b);
  });
  std::vector<int64_t> rank(by_rank.size());
  for (size_t position = 0; position < by_rank.size(); ++position) {
    rank[by_rank[position]] = static_cast<int64_t>(position);
  }
  return rank;
}

}  // namespace firstguess::trainer
