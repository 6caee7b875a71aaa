#include "worker/trainer/label_noise.h"

#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/remainder.h>
#include <ATen/ops/where.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "common/spec/list_fields.h"
#include "worker/trainer/random.h"

namespace firstguess::trainer {
namespace {

// Where each label goes if it changes, by noise_matrix and a draw from [0, 1) of each example.
at::Tensor ByMatrix(const at::Tensor& labels, int64_t classes, const TrialConfig& config,
                    const at::Tensor& draws) {
  std::vector<std::vector<NoiseEntry>> rows(static_cast<size_t>(classes));
  for (const NoiseEntry& entry : NoiseMatrix(config.noise_matrix)) {
    rows[static_cast<size_t>(entry.from)].push_back(entry);
  }
  at::Tensor changed = labels.clone();
  auto* label = changed.mutable_data_ptr<int64_t>();
  const auto* draw = draws.const_data_ptr<float>();
  for (int64_t i = 0; i < labels.size(0); ++i) {
    double sum = 0;
    for (const NoiseEntry& entry : rows[static_cast<size_t>(label[i])]) {
      sum += entry.share;
      if (sum <= static_cast<double>(draw[i])) continue;
      label[i] = entry.to;
      break;
    }
  }
  return changed;
}

}  // namespace

at::Tensor NoisyLabels(const at::Tensor& labels, int64_t classes, const TrialConfig& config) {
  if (config.label_noise == 0) return labels;
  const at::Generator generator = StreamGenerator(absl::StrCat("label_noise/", config.data_seed));
  const int64_t examples = labels.size(0);
  const at::Tensor uniform = at::rand({examples}, generator, at::kFloat);
  const at::Tensor shift = at::randint(1, classes, {examples}, generator, at::kLong);
  const at::Tensor moved = config.noise_kind == "pair_flip" ? labels.add(1) : labels.add(shift);
  const at::Tensor changed =
      config.noise_kind == "matrix"
          ? ByMatrix(labels, classes, config, at::rand({examples}, generator, at::kFloat))
          : at::remainder(moved, classes);
  return at::where(uniform.lt(static_cast<float>(config.label_noise)), changed, labels);
}

}  // namespace firstguess::trainer
