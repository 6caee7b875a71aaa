#include "coordinator/grid/cost.h"

#include <algorithm>

#include "common/spec/datasets.h"
#include "coordinator/grid/group_cost.h"

namespace firstguess {
namespace {

constexpr double kFileBytesPerClassRow = 68;

}  // namespace

double MlpWeights(const TrialConfig& config) {
  const DatasetInfo dataset = DatasetOf(config);
  const double width = static_cast<double>(config.width);
  const double hidden = static_cast<double>(config.depth - 1) * width * width;
  return static_cast<double>(dataset.inputs()) * width + hidden +
         width * static_cast<double>(dataset.classes());
}

int64_t SnapshotCount(const TrialConfig& config) {
  return 1 + std::min(config.points, config.steps);
}

double TrialFlops(const TrialConfig& config) {
  const double trained =
      6.0 * static_cast<double>(config.steps) * static_cast<double>(config.batch_size);
  const double probed =
      2.0 * static_cast<double>(SnapshotCount(config)) * static_cast<double>(config.probe_size);
  const double weights = MlpWeights(config);
  return (trained + probed) * weights + GroupFlops(config, weights);
}

double TrialBytes(const TrialConfig& config) {
  return kFileBytesPerClassRow * static_cast<double>(SnapshotCount(config)) *
             static_cast<double>(DatasetOf(config).classes()) +
         GroupBytes(config);
}

}  // namespace firstguess
