#include "worker/trainer/model_mlp.h"

#include <ATen/ops/addmm.h>
#include <ATen/ops/erf.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/tanh.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace firstguess::trainer {
namespace {

at::Tensor Activate(const at::Tensor& x, Activation activation) {
  switch (activation) {
    case Activation::kRelu:
      return at::relu(x);
    case Activation::kTanh:
      return at::tanh(x);
    case Activation::kLinear:
      return x;
    case Activation::kGelu:
      return at::gelu(x);
    case Activation::kLeakyRelu:
      return at::leaky_relu(x, kLeakyReluSlope);
    case Activation::kErf:
      return at::erf(x);
  }
  return x;
}

}  // namespace

absl::StatusOr<Activation> ActivationFromName(absl::string_view name) {
  if (name == "relu") return Activation::kRelu;
  if (name == "tanh") return Activation::kTanh;
  if (name == "linear") return Activation::kLinear;
  if (name == "gelu") return Activation::kGelu;
  if (name == "leaky_relu") return Activation::kLeakyRelu;
  if (name == "erf") return Activation::kErf;
  return absl::InvalidArgumentError(
      absl::StrCat("unknown activation \"", name,
                   "\": this trainer has relu, tanh, linear, gelu, leaky_relu, erf"));
}

std::vector<ParameterSpec> MlpShape::Parameters() const {
  std::vector<ParameterSpec> parameters;
  for (int64_t layer = 0; layer <= depth; ++layer) {
    const int64_t in = layer == 0 ? inputs : width;
    const int64_t out = layer == depth ? classes : width;
    parameters.push_back(
        {absl::StrCat("layers.", layer, ".weight"), {out, in}, in, out, layer == depth});
    parameters.push_back({absl::StrCat("layers.", layer, ".bias"), {out}, in, out, layer == depth});
  }
  return parameters;
}

at::Tensor MlpForward(const std::vector<at::Tensor>& parameters, Activation activation,
                      const at::Tensor& inputs) {
  at::Tensor x = inputs;
  for (size_t i = 0; i < parameters.size(); i += 2) {
    x = at::addmm(parameters[i + 1], x, parameters[i].t());
    const bool hidden = i + 2 < parameters.size();
    if (hidden) x = Activate(x, activation);
  }
  return x;
}

}  // namespace firstguess::trainer
