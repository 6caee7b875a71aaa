#include "tools/firstguess/gpu_packs.h"

#include <algorithm>
#include <cmath>

#include "common/spec/list_fields.h"
#include "coordinator/grid/cost.h"

namespace firstguess {
namespace {

constexpr int kMostShapes = 1000;
constexpr double kTileBytes = 2147483648.0;
constexpr int64_t kMostAtOnce = 1024;
constexpr int64_t kProbeChunk = 256;  // probe examples that go through a network at a time

// Up to two digits that are not 0: a person is to type it.
double RoundedUp(double value) {
  const double unit = std::pow(10.0, std::floor(std::log10(value)) - 1);
  return std::ceil(value / unit) * unit;
}

}  // namespace

int64_t NetworksAtOnce(const TrialConfig& config) {
  if (config.model != "mlp" || HasGroup(config, "layers") || HasGroup(config, "sharpness")) {
    return 1;
  }
  int64_t examples = std::max(config.batch_size, kProbeChunk);
  int64_t layers = config.depth + 2;
  if (config.norm != "none")
    layers += 1 + config.depth * (config.norm_position == "before" ? 1 : 2);
  if (config.norm == "batch_norm" && config.norm_statistics == "batch") {
    examples = std::max(examples, config.probe_size);
  }
  const auto activations = static_cast<double>(examples * layers * config.width);
  const double fit = kTileBytes / (4 * (ModelWeights(config) + activations));
  return static_cast<int64_t>(std::clamp(fit, 1.0, static_cast<double>(kMostAtOnce)));
}

GpuPacks LookAtGpuPacks(const PackPlan& plan) {
  GpuPacks found;
  PackLimits enough = plan.sweep()->pack;
  int64_t most_missing = 0;
  int shapes = 0;
  for (uint64_t place = 0; place < plan.cells() && shapes < kMostShapes; ++shapes) {
    const TrialConfig config = plan.grid().ConfigAt(plan.CellAt(place));
    const uint64_t end = plan.ShapeEnd(place);
    const int64_t at_once = NetworksAtOnce(config);
    const auto wanted = static_cast<int64_t>(std::min(static_cast<uint64_t>(at_once), end - place));
    const auto size = static_cast<int64_t>(plan.PackSize(config));
    if (size < wanted) {
      enough.max_trials = std::max(enough.max_trials, wanted);
      enough.max_flops =
          std::max(enough.max_flops, RoundedUp(static_cast<double>(wanted) * TrialFlops(config)));
      found.enough = enough;
    }
    if (wanted - size > most_missing || shapes == 0) {
      most_missing = wanted - size;
      found.networks_at_once = at_once;
      found.pack_trials = size;
    }
    place = end;
  }
  return found;
}

}  // namespace firstguess
