#include "worker/trainer/self_check.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/sin.h>

#include <exception>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/spec/losses.h"
#include "worker/trainer/device.h"
#include "worker/trainer/losses/loss.h"
#include "worker/trainer/measure.h"
#include "worker/trainer/models/mlp.h"
#include "worker/trainer/network.h"
#include "worker/trainer/optimizer.h"
#include "worker/trainer/pack/device_graph.h"
#include "worker/trainer/pack_check.h"

namespace firstguess::trainer {
namespace {

constexpr int64_t kExamples = 256;
constexpr int kUpdates = 5;
const MlpShape kShape{.inputs = 784, .width = 64, .depth = 3, .classes = 10};

// The same network, batch and probe set at two precisions.
class Side {
 public:
  Side(const TrialConfig& config, at::ScalarType type, const at::Device& device)
      : network_(MakeMlp(kShape), config, type, device),
        inputs_(at::sin(at::arange(kExamples * kShape.inputs, at::kDouble).mul(0.7))
                    .view({kExamples, kShape.inputs})
                    .to(device, type)),
        labels_(at::arange(kExamples, at::kLong).remainder(kShape.classes)) {}

  Network& network() { return network_; }
  at::Tensor Logits() const { return network_.Logits(inputs_); }
  double Backward(const LossFunction& loss) {
    return network_.Backward(inputs_, labels_.to(inputs_.device()), loss);
  }
  std::optional<Snapshot> Measure(const LossFunction& loss) const {
    return MeasureProbe(Logits(), labels_, loss);
  }

 private:
  Network network_;
  const at::Tensor inputs_;
  const at::Tensor labels_;
};

void CheckLosses(const at::Device& device, DeviceComparison& comparison) {
  const TrialConfig config;
  for (const LossInfo& info : KnownLosses()) {
    const std::unique_ptr<LossFunction> loss = *MakeLoss(info.Default());
    Side got(config, at::kFloat, device), expected(config, at::kDouble, at::kCPU);
    comparison.Add(absl::StrCat(info.name, ": loss"), {got.Backward(*loss)},
                   {expected.Backward(*loss)});
    comparison.Add(absl::StrCat(info.name, ": gradient"), got.network().gradient(),
                   expected.network().gradient());
    const std::optional<Snapshot> measured = got.Measure(*loss);
    const std::optional<Snapshot> exact = expected.Measure(*loss);
    if (!measured.has_value() || !exact.has_value()) continue;
    comparison.Add(absl::StrCat(info.name, ": mean_prob"), measured->mean_prob, exact->mean_prob);
    comparison.Add(absl::StrCat(info.name, ": class_loss"), measured->class_loss,
                   exact->class_loss);
    comparison.Add(absl::StrCat(info.name, ": drift"), measured->drift, exact->drift);
  }
}

void CheckOptimizers(const at::Device& device, DeviceComparison& comparison) {
  const std::unique_ptr<LossFunction> loss = *MakeLoss(Loss{});
  for (const char* optimizer : {"sgd", "momentum", "nesterov", "adam", "adamw"}) {
    TrialConfig config;
    config.optimizer = optimizer;
    config.learning_rate = 0.001;
    Side got(config, at::kFloat, device), expected(config, at::kDouble, at::kCPU);
    for (Side* side : {&got, &expected}) {
      const std::unique_ptr<Optimizer> update = *MakeOptimizer(config);
      for (int i = 0; i < kUpdates; ++i) {
        side->Backward(*loss);
        update->Update(side->network().parameters(), side->network().gradient());
      }
    }
    comparison.Add(absl::StrCat(optimizer, ": parameters after ", kUpdates, " updates"),
                   got.network().parameters(), expected.network().parameters());
    comparison.Add(absl::StrCat(optimizer, ": logits after ", kUpdates, " updates"), got.Logits(),
                   expected.Logits());
  }
}

}  // namespace

absl::StatusOr<std::vector<DeviceError>> SelfCheck(const TrainerOptions& options) {
  absl::StatusOr<DeviceInfo> info = OpenDevice(options.device, options.allow_tf32);
  if (!info.ok()) return info.status();
  const at::Device target = info->kind == "cuda"
                                ? at::Device(at::kCUDA, static_cast<at::DeviceIndex>(info->index))
                                : at::Device(at::kCPU);
  try {
    DeviceComparison comparison;
    CheckLosses(target, comparison);
    CheckOptimizers(target, comparison);
    CheckPacks(target, options.graphs ? MakeDeviceGraph(target).get() : nullptr, comparison);
    return comparison.Take();
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
}

}  // namespace firstguess::trainer
