#include "worker/trainer/groups/probe_groups.h"

#include <algorithm>
#include <vector>

#include "common/spec/confusion_steps.h"
#include "common/spec/list_fields.h"

namespace firstguess::trainer {
namespace {

// Row-major, on the CPU.
struct Logits {
  const double* values;
  size_t examples;
  size_t classes;

  const double* row(size_t i) const { return values + i * classes; }
};

void MeasureMoments(const Logits& logits, Snapshot& snapshot) {
  std::vector<double>& mean = snapshot.logit_mean;
  std::vector<double>& variance = snapshot.logit_variance;
  mean.assign(logits.classes, 0);
  variance.assign(logits.classes, 0);
  const auto n = static_cast<double>(logits.examples);
  for (size_t i = 0; i < logits.examples; ++i) {
    for (size_t c = 0; c < logits.classes; ++c) mean[c] += logits.row(i)[c];
  }
  for (double& value : mean) value /= n;
  for (size_t i = 0; i < logits.examples; ++i) {
    for (size_t c = 0; c < logits.classes; ++c) {
      const double deviation = logits.row(i)[c] - mean[c];
      variance[c] += deviation * deviation;
    }
  }
  for (double& value : variance) value /= n;
}

void MeasureConfusion(const Logits& logits, const int64_t* labels, Snapshot& snapshot) {
  std::vector<int64_t> counts(logits.classes * logits.classes, 0);
  for (size_t i = 0; i < logits.examples; ++i) {
    const double* z = logits.row(i);
    const auto guess = static_cast<size_t>(std::max_element(z, z + logits.classes) - z);
    ++counts[static_cast<size_t>(labels[i]) * logits.classes + guess];
  }
  snapshot.confusion.clear();
  for (size_t entry = 0; entry < counts.size(); ++entry) {
    if (counts[entry] == 0) continue;
    snapshot.confusion.push_back({.label = static_cast<int64_t>(entry / logits.classes),
                                  .guess = static_cast<int64_t>(entry % logits.classes),
                                  .count = counts[entry]});
  }
}

}  // namespace

void MeasureProbeGroups(const TrialConfig& config, const at::Tensor& logits,
                        const at::Tensor& labels, Snapshot& snapshot) {
  const bool has_logits = HasGroup(config, "logits");
  const bool has_confusion = HasConfusionAt(config, snapshot.step);
  if (!has_logits && !has_confusion) return;
  const at::Tensor exact = logits.to(at::kCPU, at::kDouble).contiguous();
  const Logits all = {exact.const_data_ptr<double>(), static_cast<size_t>(exact.size(0)),
                      static_cast<size_t>(exact.size(1))};
  if (has_logits) MeasureMoments(all, snapshot);
  if (has_confusion) MeasureConfusion(all, labels.const_data_ptr<int64_t>(), snapshot);
}

}  // namespace firstguess::trainer
