#include "worker/trainer/groups/layers.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace firstguess::trainer {
namespace {

// Numbers that are brought to float64 at a time.
constexpr int64_t kChunk = int64_t{1} << 20;

// Calls look(rows) for runs of the rows of `values`, in float64.
template <typename Look>
void ForChunks(const at::Tensor& values, const Look& look) {
  const int64_t examples = values.size(0);
  const int64_t rows = std::max<int64_t>(kChunk / values.size(1), 1);
  for (int64_t begin = 0; begin < examples; begin += rows) {
    look(values.narrow(0, begin, std::min(rows, examples - begin)).to(at::kDouble));
  }
}

// As `values`, of that many numbers of that type.
at::Tensor ZerosLike(const at::Tensor& values, int64_t count, at::ScalarType type) {
  return at::zeros({count}, at::TensorOptions().dtype(type).device(values.device()));
}

void MeasurePreActivation(const at::Tensor& values, LayerState& layer) {
  const auto examples = static_cast<double>(values.size(0));
  at::Tensor mean = ZerosLike(values, values.size(1), at::kDouble);
  at::Tensor variance = ZerosLike(values, values.size(1), at::kDouble);
  ForChunks(values, [&](const at::Tensor& rows) { mean.add_(rows.sum(0)); });
  mean.div_(examples);
  ForChunks(values, [&](const at::Tensor& rows) { variance.add_((rows - mean).square_().sum(0)); });
  variance.div_(examples);
  layer.pre_mean = mean.mean().item<double>();
  const double between = (mean - layer.pre_mean).square_().mean().item<double>();
  const double within = variance.mean().item<double>();
  layer.pre_variance = within + between;
  layer.drift_ratio = between / within;
}

void MeasureActivation(const at::Tensor& values, bool has_zeros, LayerState& layer) {
  at::Tensor sum = ZerosLike(values, values.size(1), at::kDouble);
  at::Tensor alive = ZerosLike(values, values.size(1), at::kBool);
  double examples = 0;
  ForChunks(values, [&](const at::Tensor& rows) {
    const at::Tensor length = at::linalg_vector_norm(rows, 2, at::IntArrayRef{1}, true);
    const at::Tensor has_length = length.gt(0);
    examples += has_length.sum().item<double>();
    sum.add_((rows / length.masked_fill(has_length.logical_not(), 1)).sum(0));
    alive.logical_or_(rows.ne(0).any(0));
  });
  layer.correlation = (sum.square().sum().item<double>() - examples) / (examples * (examples - 1));
  if (has_zeros) layer.dead_fraction = 1 - alive.to(at::kDouble).mean().item<double>();
}

bool HasParameter(const Model& model, absl::string_view name) {
  return std::any_of(model.parameters().begin(), model.parameters().end(),
                     [&](const ParameterSpec& spec) { return spec.name == name; });
}

double Finite(double value) { return std::isfinite(value) ? value : kNotMeasured; }

double Norm(const at::Tensor& values) {
  return at::linalg_vector_norm(values, 2, std::nullopt, false, at::kDouble).item<double>();
}

}  // namespace

void LayerStatistics::OnLayer(int64_t /*layer*/, absl::string_view name,
                              const at::Tensor& pre_activation, const at::Tensor& activation) {
  LayerState& layer = layers_.emplace_back();
  layer.name = std::string(name);
  MeasurePreActivation(pre_activation.flatten(1), layer);
  MeasureActivation(activation.flatten(1), has_zeros_, layer);
  layer.drift_ratio = Finite(layer.drift_ratio);
  layer.correlation = Finite(layer.correlation);
}

std::vector<LayerState> LayerStatistics::Take() {
  // The read-out has no activation.
  if (!layers_.empty()) layers_.back().dead_fraction = kNotMeasured;
  return std::exchange(layers_, {});
}

std::vector<LayerState> MeasureLayers(Network& network, const at::Tensor& inputs,
                                      Activation activation, const at::Tensor& initial,
                                      const at::Tensor& gradient) {
  const at::NoGradGuard no_grad;
  LayerStatistics statistics(activation);
  network.Logits(inputs, &statistics);
  std::vector<LayerState> layers = statistics.Take();
  for (LayerState& layer : layers) {
    const std::string weight_name = absl::StrCat(layer.name, ".weight");
    const at::Tensor weight =
        network.Part(network.parameters(), weight_name).to(at::kDouble).flatten();
    const at::Tensor before = network.Part(initial, weight_name).to(at::kDouble).flatten();
    layer.weight_norm = Norm(weight);
    layer.distance_to_init = Norm(weight - before);
    layer.cosine_to_init =
        Finite(weight.dot(before).item<double>() / (layer.weight_norm * Norm(before)));
    if (!gradient.defined()) continue;
    const std::string bias_name = absl::StrCat(layer.name, ".bias");
    const double of_bias =
        HasParameter(network.model(), bias_name) ? Norm(network.Part(gradient, bias_name)) : 0;
    layer.grad_norm = Finite(std::hypot(Norm(network.Part(gradient, weight_name)), of_bias));
  }
  return layers;
}

}  // namespace firstguess::trainer
