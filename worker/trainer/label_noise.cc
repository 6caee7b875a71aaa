#include "worker/trainer/label_noise.h"

#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/remainder.h>
#include <ATen/ops/where.h>

#include "absl/strings/str_cat.h"
#include "worker/trainer/random.h"

namespace firstguess::trainer {

at::Tensor NoisyLabels(const at::Tensor& labels, int64_t classes, const TrialConfig& config) {
  if (config.label_noise == 0) return labels;
  const at::Generator generator = StreamGenerator(absl::StrCat("label_noise/", config.data_seed));
  const int64_t examples = labels.size(0);
  const at::Tensor uniform = at::rand({examples}, generator, at::kFloat);
  const at::Tensor shift = at::randint(1, classes, {examples}, generator, at::kLong);
  const at::Tensor changed = config.noise_kind == "pair_flip" ? labels.add(1) : labels.add(shift);
  return at::where(uniform.lt(static_cast<float>(config.label_noise)),
                   at::remainder(changed, classes), labels);
}

}  // namespace firstguess::trainer
