#include "worker/trainer/initialisation.h"

#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "absl/strings/str_cat.h"
#include "worker/trainer/random.h"

namespace firstguess::trainer {
namespace {

// The orthogonal factor of `draw`, or of its transpose if that is taller. Its rows or columns,
// whichever are fewer, are orthonormal.
at::Tensor OrthogonalFactor(const at::Tensor& draw) {
  const bool is_wide = draw.size(0) < draw.size(1);
  const auto [q, r] = at::linalg_qr(is_wide ? draw.t() : draw);
  const at::Tensor factor = q.mul(r.diagonal().sign());
  return is_wide ? factor.t().contiguous() : factor;
}

// What multiplies a parameter's distribution; that of biases too in init torch.
double WeightScale(const ParameterSpec& parameter, const TrialConfig& config) {
  const bool is_scaled = parameter.is_readout && parameter.role == ParameterRole::kWeight;
  return is_scaled ? config.init_scale * config.readout_scale : config.init_scale;
}

}  // namespace

double InitialDeviation(const ParameterSpec& parameter, const TrialConfig& config) {
  if (parameter.role == ParameterRole::kBias) return config.bias_scale;
  const double scale = WeightScale(parameter, config);
  const auto fan_in = static_cast<double>(parameter.fan_in);
  const auto fan_out = static_cast<double>(parameter.fan_out);
  if (config.init == "lecun") return scale * std::sqrt(1 / fan_in);
  if (config.init == "glorot") return scale * std::sqrt(2 / (fan_in + fan_out));
  return scale * std::sqrt(2 / fan_in);
}

absl::Status CheckInit(const TrialConfig& config) {
  for (const char* known : {"he", "lecun", "glorot", "torch", "orthogonal"}) {
    if (config.init == known) return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "unknown init \"", config.init, "\": this trainer has he, lecun, glorot, torch, orthogonal"));
}

at::Tensor InitialParameter(const ParameterSpec& parameter, const TrialConfig& config) {
  if (parameter.role == ParameterRole::kNormScale) return at::ones(parameter.shape, at::kFloat);
  if (parameter.role == ParameterRole::kNormShift) return at::zeros(parameter.shape, at::kFloat);
  const at::Generator generator =
      StreamGenerator(absl::StrCat("init/", config.seed, "/", parameter.name));
  if (config.init == "torch") {
    const double bound =
        WeightScale(parameter, config) / std::sqrt(static_cast<double>(parameter.fan_in));
    return at::rand(parameter.shape, generator, at::kFloat)
        .mul_(2)
        .sub_(1)
        .mul_(static_cast<float>(bound));
  }
  if (config.init == "orthogonal" && parameter.role == ParameterRole::kWeight) {
    const at::Tensor draw = at::randn(parameter.shape, generator, at::kFloat);
    return OrthogonalFactor(draw.to(at::kDouble).flatten(1))
        .mul(WeightScale(parameter, config))
        .to(at::kFloat)
        .reshape(parameter.shape);
  }
  const auto deviation = static_cast<float>(InitialDeviation(parameter, config));
  if (deviation == 0) return at::zeros(parameter.shape, at::kFloat);
  return at::randn(parameter.shape, generator, at::kFloat).mul_(deviation);
}

}  // namespace firstguess::trainer
