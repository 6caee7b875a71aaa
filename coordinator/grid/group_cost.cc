#include "coordinator/grid/group_cost.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "common/spec/confusion_steps.h"
#include "common/spec/datasets.h"
#include "common/spec/list_fields.h"
#include "common/spec/model_layers.h"
#include "common/trajectory.h"

namespace firstguess {
namespace {

// Bytes of the tables' B-trees per row, at trial ids of 10^6.
constexpr double kLogitBytes = 34;
constexpr double kConfusionBytes = 18;
constexpr double kLayerBytes = 114;
constexpr double kNoiseBytes = 81;
constexpr double kSharpnessBytes = 34;

constexpr int64_t kSharpnessExamples = 512;

double ConfusionBytes(const TrialConfig& config, double classes) {
  if (!HasGroup(config, "confusion")) return 0;
  const double entries = std::min(classes * classes, static_cast<double>(config.probe_size));
  const std::vector<int64_t> steps = SnapshotSteps(config.steps, config.points, config.spacing);
  const auto matrices = std::count_if(steps.begin(), steps.end(),
                                      [&](int64_t step) { return HasConfusionAt(config, step); });
  return kConfusionBytes * entries * static_cast<double>(matrices);
}

// As group layers counts them: the read-out too, a resnet's shortcuts not.
double LayerCount(const TrialConfig& config) {
  const ResnetPlan* resnet = FindResnet(config.model);
  if (resnet == nullptr) return static_cast<double>(config.depth + 1);
  const int64_t blocks = std::accumulate(resnet->blocks.begin(), resnet->blocks.end(), int64_t{0});
  return static_cast<double>(2 + blocks * (resnet->has_bottlenecks ? 3 : 2));
}

}  // namespace

double GroupFlops(const TrialConfig& config, double weights) {
  if (config.groups.empty()) return 0;
  double examples = 0;  // forward passes of one
  if (HasGroup(config, "noise")) examples += static_cast<double>(config.probe_size);
  if (HasGroup(config, "layers")) examples += static_cast<double>(config.probe_size);
  if (HasGroup(config, "sharpness")) {
    examples += 6.0 * static_cast<double>(config.sharpness_iterations) *
                static_cast<double>(std::min(config.probe_size, kSharpnessExamples));
  }
  const double snapshots = static_cast<double>(1 + std::min(config.points, config.steps));
  return 2.0 * snapshots * examples * weights;
}

double GroupBytes(const TrialConfig& config) {
  if (config.groups.empty()) return 0;
  const double classes = static_cast<double>(DatasetOf(config).classes());
  double per_snapshot = 0;
  if (HasGroup(config, "logits")) per_snapshot += kLogitBytes * classes;
  if (HasGroup(config, "layers")) {
    per_snapshot += kLayerBytes * LayerCount(config);
  }
  if (HasGroup(config, "noise")) per_snapshot += kNoiseBytes;
  if (HasGroup(config, "sharpness")) per_snapshot += kSharpnessBytes;
  const double snapshots = static_cast<double>(1 + std::min(config.points, config.steps));
  return per_snapshot * snapshots + ConfusionBytes(config, classes);
}

}  // namespace firstguess
