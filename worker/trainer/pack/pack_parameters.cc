#include "worker/trainer/pack/pack_parameters.h"

#include <ATen/ops/zeros.h>

#include "worker/trainer/initialisation.h"
#include "worker/trainer/pack/aligned.h"

namespace firstguess::trainer {

PackParameters::PackParameters(const MlpShape& shape, int64_t networks, at::ScalarType type,
                               const at::Device& device) {
  const auto options = at::TensorOptions().dtype(type).device(device);
  const std::vector<ParameterSpec> specs = shape.Parameters();
  for (size_t i = 0; i < specs.size(); i += 2) {
    const ParameterSpec& weight = specs[i];
    const int64_t rows = weight.shape[0];
    const int64_t columns = weight.elements() / rows;
    const int64_t slice = i == 0 ? weight.elements() : Aligned(weight.elements());
    layers_.push_back({at::zeros({networks * slice}, options)
                           .as_strided({networks, rows, columns}, {slice, columns, 1}),
                       at::zeros({networks, rows, 1}, options)});
  }
}

PackParameters PackParameters::First(int64_t networks) const {
  PackParameters first;
  for (const Layer& layer : layers_) {
    first.layers_.push_back(
        {layer.weight.narrow(0, 0, networks), layer.bias.narrow(0, 0, networks)});
  }
  return first;
}

std::vector<at::Tensor> PackParameters::Slice(int64_t k) const {
  std::vector<at::Tensor> slice;
  slice.reserve(2 * layers_.size());
  for (const Layer& layer : layers_) {
    slice.push_back(layer.weight.select(0, k));
    slice.push_back(layer.bias.select(0, k));
  }
  return slice;
}

void PackParameters::Initialise(int64_t k, const MlpShape& shape, const TrialConfig& config,
                                int64_t draw) {
  const std::vector<ParameterSpec> specs = shape.Parameters();
  const std::vector<at::Tensor> slice = Slice(k);
  for (size_t i = 0; i < specs.size(); ++i) {
    slice[i].copy_(InitialParameter(specs[i], config, draw).view(slice[i].sizes()));
  }
}

void PackParameters::Copy(int64_t from, int64_t to) {
  for (const Layer& layer : layers_) {
    layer.weight.select(0, to).copy_(layer.weight.select(0, from));
    layer.bias.select(0, to).copy_(layer.bias.select(0, from));
  }
}

}  // namespace firstguess::trainer
