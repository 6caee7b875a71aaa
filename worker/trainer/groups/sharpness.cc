#include "worker/trainer/groups/sharpness.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "worker/trainer/random.h"

namespace firstguess::trainer {
namespace {

constexpr int64_t kExamples = 512;
// Step of the differences, relative to the largest change of a logit.
constexpr double kStep = 1e-6;
// One-sided differences of a smooth function agree to about kStep.
constexpr double kJump = 1e-3;

at::Tensor RowNorms(const at::Tensor& rows) {
  return at::linalg_vector_norm(rows, 2, at::IntArrayRef{1}, /*keepdim=*/true);
}

double EuclideanNorm(const at::Tensor& vector) {
  return at::linalg_vector_norm(vector).item<double>();
}

}  // namespace

HessianProduct::HessianProduct(const Network& network, const at::Tensor& inputs,
                               const at::Tensor& labels, const LossFunction& loss)
    : loss_(loss), labels_(labels), leaves_(network.Copies(at::kDouble)) {
  const at::AutoGradMode graph(true);
  for (at::Tensor& leaf : leaves_) {
    leaf.requires_grad_(true);
    count_ += leaf.numel();
  }
  logits_ = network.LogitsAt(leaves_, inputs.to(at::kDouble));
  cotangent_ = LogitsGradient(logits_.detach()).requires_grad_(true);
  gradients_ = torch::autograd::grad({logits_}, leaves_, {cotangent_}, /*retain_graph=*/true,
                                     /*create_graph=*/true);
}

at::Tensor HessianProduct::operator()(const at::Tensor& v) const {
  std::vector<at::Tensor> parts;
  int64_t offset = 0;
  for (const at::Tensor& leaf : leaves_) {
    parts.push_back(v.narrow(0, offset, leaf.numel()).view(leaf.sizes()));
    offset += leaf.numel();
  }
  // The derivatives of <J^T d, v>: with respect to d, J v; with respect to the parameters, the
  // second term, which has no part where J does not depend on a parameter.
  std::vector<at::Tensor> variables = leaves_;
  variables.push_back(cotangent_);
  std::vector<at::Tensor> second =
      torch::autograd::grad(gradients_, variables, parts, /*retain_graph=*/true,
                            /*create_graph=*/false, /*allow_unused=*/true);
  const std::vector<at::Tensor> first = torch::autograd::grad(
      {logits_}, leaves_, {GradientChange(second.back())}, /*retain_graph=*/true);
  std::vector<at::Tensor> product;
  for (size_t i = 0; i < leaves_.size(); ++i) {
    product.push_back((second[i].defined() ? first[i] + second[i] : first[i]).flatten());
  }
  return at::cat(product);
}

at::Tensor HessianProduct::GradientChange(const at::Tensor& direction) const {
  const double largest = direction.abs().max().item<double>();
  if (!(largest > 0)) return at::zeros_like(direction);
  const at::Tensor logits = logits_.detach();
  const double step = kStep / largest;
  const at::Tensor here = LogitsGradient(logits);
  const at::Tensor above = LogitsGradient(logits + direction * step) - here;
  const at::Tensor below = here - LogitsGradient(logits - direction * step);
  const at::Tensor above_norm = RowNorms(above);
  const at::Tensor below_norm = RowNorms(below);
  const at::Tensor smaller = at::where(above_norm.le(below_norm), above, below);
  const at::Tensor jumps = RowNorms(above - below).gt(RowNorms(smaller) * kJump);
  return at::where(jumps, smaller, (above + below) / 2) / step;
}

at::Tensor HessianProduct::LogitsGradient(const at::Tensor& logits) const {
  return EvaluateBatch(loss_, logits, labels_).logits_gradient;
}

SharpnessState MeasureSharpness(const Network& network, const ProbeSet& probe,
                                const LossFunction& loss, const TrialConfig& config) {
  const int64_t examples = std::min(config.probe_size, kExamples);
  const at::Tensor inputs = probe.inputs.narrow(0, 0, examples);
  const HessianProduct product(network, inputs,
                               probe.labels.narrow(0, 0, examples).to(inputs.device()), loss);
  at::Tensor v = at::randn({product.parameters()},
                           StreamGenerator(absl::StrCat("sharpness/", config.seed)), at::kDouble)
                     .to(inputs.device());
  v.div_(EuclideanNorm(v));
  SharpnessState state;
  while (state.iterations < config.sharpness_iterations) {
    const at::Tensor image = product(v);
    ++state.iterations;
    state.sharpness = v.dot(image).item<double>();
    state.residual = EuclideanNorm(image - v * state.sharpness) / std::abs(state.sharpness);
    const double length = EuclideanNorm(image);
    if (!(length > 0)) break;
    v = image / length;
  }
  if (!std::isfinite(state.residual)) state.residual = kNotMeasured;
  return state;
}

}  // namespace firstguess::trainer
