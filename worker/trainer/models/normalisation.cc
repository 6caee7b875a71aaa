#include "worker/trainer/models/normalisation.h"

namespace firstguess::trainer {

Normalisation Normalisation::Of(const TrialConfig& config) {
  Normalisation norm;
  if (config.norm == "layer_norm") norm.kind = Kind::kLayer;
  if (config.norm == "batch_norm") norm.kind = Kind::kBatch;
  norm.before_activation = config.norm_position == "before";
  return norm;
}

std::optional<NormLayer> Normalisation::Add(LayerList& layers, const std::string& name,
                                            const std::vector<int64_t>& shape) const {
  switch (kind) {
    case Kind::kNone:
      return std::nullopt;
    case Kind::kLayer:
      return layers.AddLayerNorm(name, shape);
    case Kind::kBatch:
      return layers.AddBatchNorm(name, shape.front());
  }
  return std::nullopt;
}

at::Tensor Normalisation::Apply(ForwardPass& pass, const std::string& name,
                                const std::optional<NormLayer>& norm, const at::Tensor& x,
                                Activation activation) const {
  if (!norm.has_value()) return pass.ActivateLayer(name, x, activation);
  if (before_activation) return pass.ActivateLayer(name, pass.Apply(*norm, x), activation);
  return pass.Apply(*norm, pass.ActivateLayer(name, x, activation));
}

}  // namespace firstguess::trainer
