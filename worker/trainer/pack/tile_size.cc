#include "worker/trainer/pack/tile_size.h"

#include <algorithm>

#include "worker/trainer/pack/aligned.h"

namespace firstguess::trainer {

int64_t ProbeChunk(const MlpShape& shape, const TrialConfig& config) {
  const bool together =
      shape.norm.kind == Normalisation::Kind::kBatch && config.norm_statistics != "running";
  return together ? config.probe_size : kProbeChunk;
}

int64_t TileSize(const MlpShape& shape, const TrialConfig& config, bool on_cpu) {
  if (shape.width < 8 || shape.inputs != Aligned(shape.inputs) || config.batch_size < 2 ||
      config.probe_size < 2) {
    return 1;
  }
  int64_t weights = 0;
  for (const ParameterSpec& parameter : shape.Parameters()) weights += parameter.elements();
  int64_t layers = shape.depth + 2;
  if (shape.norm.kind != Normalisation::Kind::kNone) {
    layers += 1 + shape.depth * (shape.norm.before_activation ? 1 : 2);
  }
  // Only memory bounds how many probe examples go through at once; cache is about the updates.
  const int64_t chunk = on_cpu ? kProbeChunk : ProbeChunk(shape, config);
  const int64_t activations = std::max(config.batch_size, chunk) * layers * shape.width;
  const int64_t bytes = static_cast<int64_t>(sizeof(float)) * (weights + activations);
  const int64_t budget = on_cpu ? int64_t{3} << 20 : int64_t{2} << 30;
  return std::clamp<int64_t>(budget / bytes, 1, on_cpu ? 16 : 1024);
}

}  // namespace firstguess::trainer
