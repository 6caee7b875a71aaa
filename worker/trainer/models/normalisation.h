#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/spec/trial.h"
#include "worker/trainer/models/activation.h"
#include "worker/trainer/models/layers.h"

namespace firstguess::trainer {

// How the hidden layers of mlp and cnn are normalised.
struct Normalisation {
  enum class Kind { kNone, kLayer, kBatch };

  Kind kind = Kind::kNone;
  bool before_activation = true;

  // By the fields `norm` and `norm_position`. REQUIRES: validated.
  static Normalisation Of(const TrialConfig& config);

  // Norm `name` for hidden layers of `shape`: (units) or (channels, height, width), if there is
  // one.
  std::optional<NormLayer> Add(LayerList& layers, const std::string& name,
                               const std::vector<int64_t>& shape) const;

  // Activation and norm, in their order, of what the layer with weights <name>.weight gives.
  at::Tensor Apply(ForwardPass& pass, const std::string& name, const std::optional<NormLayer>& norm,
                   const at::Tensor& x, Activation activation) const;
};

}  // namespace firstguess::trainer
