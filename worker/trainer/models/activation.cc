#include "worker/trainer/models/activation.h"

#include <ATen/ops/erf.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/tanh.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace firstguess::trainer {

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

}  // namespace firstguess::trainer
