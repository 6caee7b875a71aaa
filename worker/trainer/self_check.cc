#include "worker/trainer/self_check.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
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

namespace firstguess::trainer {
namespace {

constexpr int64_t kExamples = 256;
constexpr int kUpdates = 5;
// Float32 carries 7 digits; a few layers and updates may lose three.
constexpr double kLimit = 1e-4;
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

class Comparison {
 public:
  void Add(std::string quantity, const at::Tensor& got, const at::Tensor& expected) {
    const at::Tensor exact = expected.to(at::kCPU, at::kDouble);
    const at::Tensor difference = got.to(at::kCPU, at::kDouble).sub(exact).abs().max();
    errors_.push_back({std::move(quantity),
                       difference.item<double>() / exact.abs().max().item<double>(), kLimit});
  }
  void Add(std::string quantity, const std::vector<double>& got,
           const std::vector<double>& expected) {
    const auto tensor = [](const std::vector<double>& values) {
      at::Tensor result = at::empty({static_cast<int64_t>(values.size())}, at::kDouble);
      std::copy(values.begin(), values.end(), result.mutable_data_ptr<double>());
      return result;
    };
    Add(std::move(quantity), tensor(got), tensor(expected));
  }

  std::vector<DeviceError> Take() { return std::move(errors_); }

 private:
  std::vector<DeviceError> errors_;
};

void CheckLosses(const at::Device& device, Comparison& comparison) {
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

void CheckOptimizers(const at::Device& device, Comparison& comparison) {
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

absl::StatusOr<std::vector<DeviceError>> SelfCheck(const std::string& device) {
  absl::StatusOr<DeviceInfo> info = OpenDevice(device);
  if (!info.ok()) return info.status();
  const at::Device target = info->kind == "cuda"
                                ? at::Device(at::kCUDA, static_cast<at::DeviceIndex>(info->index))
                                : at::Device(at::kCPU);
  try {
    Comparison comparison;
    CheckLosses(target, comparison);
    CheckOptimizers(target, comparison);
    return comparison.Take();
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
}

}  // namespace firstguess::trainer
