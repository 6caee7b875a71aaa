#include "worker/trainer/init_condition.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/spec/fields.h"
#include "worker/trainer/losses/cross_entropy.h"
#include "worker/trainer/losses/loss.h"
#include "worker/trainer/measure.h"
#include "worker/trainer/models/make_model.h"
#include "worker/trainer/network.h"

namespace firstguess::trainer {
namespace {

absl::Status GaveUp(const TrialConfig& config, double nearest) {
  return absl::FailedPreconditionError(absl::StrFormat(
      "none of %d draws of the initial weights has a max_guess from %g to %g%s: widen "
      "init_condition, raise its tries, or take another depth or width",
      config.init_tries, config.init_max_guess_min, config.init_max_guess_max,
      std::isfinite(nearest) ? absl::StrFormat(" (the nearest is %g)", nearest) : ""));
}

}  // namespace

absl::StatusOr<int64_t> FindDraw(const TrialConfig& config, const PackData& data,
                                 const at::Device& device, const std::atomic<bool>& stop) {
  if (!HasInitCondition(config)) return 1;
  const std::shared_ptr<const Model> model = MakeModel(config, *data.dataset);
  const std::unique_ptr<LossFunction> loss = MakeCrossEntropy();
  double nearest = kNotMeasured;
  double least_distance = std::numeric_limits<double>::infinity();
  for (int64_t draw = 1; draw <= config.init_tries; ++draw) {
    if (stop) return absl::CancelledError("stopped");
    const Network network(model, config, at::kFloat, device, draw);
    const std::optional<Snapshot> snapshot =
        MeasureProbe(network.Logits(data.probe.inputs), data.probe.labels, *loss);
    if (!snapshot.has_value()) continue;
    const double distance = std::max(config.init_max_guess_min - snapshot->max_guess,
                                     snapshot->max_guess - config.init_max_guess_max);
    if (distance <= 0) return draw;
    if (distance < least_distance) {
      least_distance = distance;
      nearest = snapshot->max_guess;
    }
  }
  return GaveUp(config, nearest);
}

}  // namespace firstguess::trainer
