#include "worker/trainer/pack/pack_parameters.h"

#include <ATen/ops/zeros.h>

#include "worker/trainer/initialisation.h"

namespace firstguess::trainer {
namespace {

// Elements up to the next 64-byte boundary, for elements of 4 bytes or more.
int64_t Padded(int64_t elements) { return (elements + 15) / 16 * 16; }

}  // namespace

PackParameters::PackParameters(const MlpShape& shape, int64_t networks, at::ScalarType type,
                               const at::Device& device) {
  const std::vector<ParameterSpec> specs = shape.Parameters();
  int64_t total = 0;
  for (const ParameterSpec& spec : specs) total += Padded(networks * spec.elements());
  const at::Tensor flat = at::zeros({total}, at::TensorOptions().dtype(type).device(device));

  int64_t offset = 0;
  const auto take = [&](const ParameterSpec& spec) {
    const int64_t elements = networks * spec.elements();
    const at::Tensor view = flat.narrow(0, offset, elements)
                                .view({networks, spec.fan_out, spec.is_bias() ? 1 : spec.fan_in});
    offset += Padded(elements);
    return view;
  };
  for (size_t i = 0; i < specs.size(); i += 2) {
    const at::Tensor weight = take(specs[i]);
    layers_.push_back({weight, take(specs[i + 1])});
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

void PackParameters::Initialise(int64_t k, const MlpShape& shape, const TrialConfig& config) {
  const std::vector<ParameterSpec> specs = shape.Parameters();
  const std::vector<at::Tensor> slice = Slice(k);
  for (size_t i = 0; i < specs.size(); ++i) {
    slice[i].copy_(InitialParameter(specs[i], config).view(slice[i].sizes()));
  }
}

void PackParameters::Copy(int64_t from, int64_t to) {
  for (const Layer& layer : layers_) {
    layer.weight.select(0, to).copy_(layer.weight.select(0, from));
    layer.bias.select(0, to).copy_(layer.bias.select(0, from));
  }
}

}  // namespace firstguess::trainer
