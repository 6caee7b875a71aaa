#include "worker/trainer/pack/pack_optimizer.h"

#include <string>

#include "worker/trainer/pack/pack_optimizer_base.h"

namespace firstguess::trainer {

std::unique_ptr<PackOptimizer> MakePackOptimizer(const MlpShape& shape,
                                                 const std::vector<TrialConfig>& configs,
                                                 const PackParameters& parameters,
                                                 at::ScalarType type, const at::Device& device) {
  const auto options = at::TensorOptions().dtype(type).device(device);
  const std::string& optimizer = configs.front().optimizer;
  if (optimizer == "adam" || optimizer == "adamw") {
    return MakePackAdam(shape, configs, parameters, options);
  }
  if (optimizer == "momentum" || optimizer == "nesterov") {
    return MakePackMomentum(shape, configs, parameters, options);
  }
  return MakePackSgd(shape, configs, parameters, options);
}

}  // namespace firstguess::trainer
