#include "common/spec/confusion_steps.h"

#include <algorithm>
#include <vector>

#include "common/spec/list_fields.h"

namespace firstguess {

bool HasConfusionAt(const TrialConfig& config, int64_t step) {
  if (!HasGroup(config, "confusion")) return false;
  const std::vector<int64_t> steps = Steps(config.confusion_steps);
  if (steps.empty()) return step == 0 || step == config.steps;
  return std::binary_search(steps.begin(), steps.end(), step);
}

}  // namespace firstguess
