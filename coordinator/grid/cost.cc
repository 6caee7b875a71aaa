#include "coordinator/grid/cost.h"

#include <algorithm>
#include <vector>

#include "common/spec/datasets.h"
#include "common/spec/model_layers.h"
#include "coordinator/grid/group_cost.h"

namespace firstguess {
namespace {

constexpr double kFileBytesPerClassRow = 68;
constexpr ImageShape kUnknownImage{.channels = 3, .height = 32, .width = 32};

std::vector<WeightLayer> LayersOf(const TrialConfig& config) {
  const DatasetInfo dataset = DatasetOf(config);
  return WeightLayers(config,
                      dataset.sizes_known
                          ? ImageShape{dataset.channels, dataset.height, dataset.width}
                          : kUnknownImage,
                      dataset.classes());
}

}  // namespace

double ModelWeights(const TrialConfig& config) {
  double weights = 0;
  for (const WeightLayer& layer : LayersOf(config)) weights += layer.weights;
  return weights;
}

double ModelMultiplications(const TrialConfig& config) {
  double multiplications = 0;
  for (const WeightLayer& layer : LayersOf(config)) multiplications += layer.weights * layer.places;
  return multiplications;
}

int64_t SnapshotCount(const TrialConfig& config) {
  return 1 + std::min(config.points, config.steps);
}

double TrialFlops(const TrialConfig& config) {
  const double trained =
      6.0 * static_cast<double>(config.steps) * static_cast<double>(config.batch_size);
  const double probed =
      2.0 * static_cast<double>(SnapshotCount(config)) * static_cast<double>(config.probe_size);
  const double multiplications = ModelMultiplications(config);
  return (trained + probed) * multiplications + GroupFlops(config, multiplications);
}

double TrialBytes(const TrialConfig& config) {
  return kFileBytesPerClassRow * static_cast<double>(SnapshotCount(config)) *
             static_cast<double>(DatasetOf(config).classes()) +
         GroupBytes(config);
}

}  // namespace firstguess
