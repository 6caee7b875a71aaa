#include "worker/trainer/pack_check.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/sin.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/spec/losses.h"
#include "worker/trainer/models/mlp.h"
#include "worker/trainer/network.h"
#include "worker/trainer/optimizer.h"
#include "worker/trainer/pack/pack_loss.h"
#include "worker/trainer/pack/pack_network.h"
#include "worker/trainer/pack/pack_optimizer.h"
#include "worker/trainer/pack/pack_parameters.h"

namespace firstguess::trainer {
namespace {

constexpr int64_t kPackExamples = 128;
constexpr int64_t kPackUpdates = 5;
constexpr MlpShape kPackShape{.inputs = 784, .width = 32, .depth = 3, .classes = 10};

at::Tensor PackInputs() {
  return at::sin(at::arange(kPackExamples * kPackShape.inputs, at::kDouble).mul(0.7))
      .view({kPackExamples, kPackShape.inputs});
}

at::Tensor PackLabels() {
  return at::arange(kPackExamples, at::kLong).remainder(kPackShape.classes);
}

// One network for each loss.
std::vector<TrialConfig> PackConfigs(const char* optimizer) {
  std::vector<TrialConfig> configs;
  for (const LossInfo& info : KnownLosses()) {
    TrialConfig config;
    config.seed = static_cast<int64_t>(configs.size());
    config.loss = info.Default();
    config.optimizer = optimizer;
    config.learning_rate = 0.001;
    config.batch_size = kPackExamples;
    configs.push_back(config);
  }
  std::vector<TrialConfig> ordered;
  for (const size_t index : PackLoss::Order(configs)) ordered.push_back(configs[index]);
  return ordered;
}

class PackOnDevice {
 public:
  PackOnDevice(const MlpShape& shape, const std::vector<TrialConfig>& configs,
               const at::Device& device)
      : networks_(static_cast<int64_t>(configs.size())),
        parameters_(shape, networks_, at::kFloat, device),
        gradient_(shape, networks_, at::kFloat, device),
        network_(shape, networks_, kPackExamples, at::kFloat, device),
        loss_(configs, shape.classes, kPackExamples, at::kFloat, device),
        optimizer_(MakePackOptimizer(shape, configs, parameters_, at::kFloat, device)),
        inputs_(PackInputs().to(device, at::kFloat)),
        labels_(PackLabels().view({1, 1, kPackExamples}).to(device)),
        mean_(at::empty({networks_}, at::TensorOptions().dtype(at::kDouble).device(device))) {
    for (size_t k = 0; k < configs.size(); ++k) {
      parameters_.Initialise(static_cast<int64_t>(k), shape, configs[k]);
    }
  }

  std::vector<at::Tensor> Gradients() {
    const at::NoGradGuard no_grad;
    const at::Tensor scale = at::full({1, 1, 1}, 1.0 / kPackExamples, inputs_.options());
    Backward(scale, [this](const PackNetwork::LayerGradient& layer) {
      layer.Accumulate(gradient_.layers()[layer.layer], 0, 1);
    });
    return PerNetwork(gradient_);
  }

  // With a graph, from the second update on.
  std::vector<at::Tensor> Train(DeviceGraph* graph) {
    const at::NoGradGuard no_grad;
    for (step_ = 1; step_ <= kPackUpdates; ++step_) {
      const at::Tensor& scale = optimizer_->Begin(/*measured=*/false, loss_.L1Penalties(step_));
      const auto update = [&] {
        Backward(scale,
                 [this](const PackNetwork::LayerGradient& layer) { optimizer_->Layer(layer); });
        optimizer_->End();
      };
      if (graph == nullptr || step_ == 1) {
        update();
      } else if (step_ == 2) {
        graph->Record(update);
      } else {
        graph->Replay();
      }
    }
    return PerNetwork(parameters_);
  }

 private:
  template <typename Update>
  void Backward(const at::Tensor& scale, const Update& update) {
    const at::Tensor logits = network_.Forward(parameters_, inputs_);
    network_.Backward(parameters_, inputs_, loss_.Gradient(step_, logits, labels_, scale, mean_),
                      update);
  }

  // Every network's numbers, in the order of Network::parameters.
  std::vector<at::Tensor> PerNetwork(const PackParameters& parameters) const {
    std::vector<at::Tensor> flat;
    for (int64_t k = 0; k < networks_; ++k) {
      std::vector<at::Tensor> parts;
      for (const at::Tensor& part : parameters.Slice(k)) parts.push_back(part.flatten());
      flat.push_back(at::cat(parts));
    }
    return flat;
  }

  const int64_t networks_;
  PackParameters parameters_;
  PackParameters gradient_;
  PackNetwork network_;
  PackLoss loss_;
  const std::unique_ptr<PackOptimizer> optimizer_;
  const at::Tensor inputs_;
  const at::Tensor labels_;
  at::Tensor mean_;
  int64_t step_ = 1;
};

// The same by autograd, in float64 on the CPU: gradients at the start, or parameters in the end.
std::vector<at::Tensor> OneByOne(const MlpShape& shape, const std::vector<TrialConfig>& configs,
                                 bool train) {
  std::vector<at::Tensor> results;
  for (const TrialConfig& config : configs) {
    Network network(MakeMlp(shape), config, at::kDouble, at::kCPU);
    const std::unique_ptr<LossFunction> loss = *MakeLoss(config.loss);
    const std::unique_ptr<Optimizer> optimizer = *MakeOptimizer(config);
    network.Backward(PackInputs(), PackLabels(), *loss);
    for (int64_t step = 1; train && step <= kPackUpdates; ++step) {
      network.gradient().add_(network.parameters().sign(), loss->l1_penalty());
      optimizer->Update(network.parameters(), network.gradient());
      network.Backward(PackInputs(), PackLabels(), *loss);
    }
    results.push_back((train ? network.parameters() : network.gradient()).clone());
  }
  return results;
}

void CheckGradients(const std::string& what, const MlpShape& shape, const at::Device& device,
                    DeviceComparison& comparison) {
  const std::vector<TrialConfig> configs = PackConfigs("sgd");
  comparison.AddAll(absl::StrCat("pack, ", what, ": gradients"),
                    PackOnDevice(shape, configs, device).Gradients(),
                    OneByOne(shape, configs, /*train=*/false));
}

}  // namespace

void CheckPacks(const at::Device& device, DeviceGraph* graph, DeviceComparison& comparison) {
  for (const char* name : {"relu", "tanh", "linear", "gelu", "leaky_relu", "erf"}) {
    MlpShape shape = kPackShape;
    shape.activation = *ActivationFromName(name);
    CheckGradients(name, shape, device, comparison);
  }
  for (const auto& [name, kind] : {std::pair{"layer_norm", Normalisation::Kind::kLayer},
                                   {"batch_norm", Normalisation::Kind::kBatch}}) {
    MlpShape shape = kPackShape;
    shape.activation = Activation::kTanh;
    shape.norm.kind = kind;
    CheckGradients(name, shape, device, comparison);
  }
  for (const char* optimizer : {"sgd", "momentum", "nesterov", "adam", "adamw"}) {
    const std::vector<TrialConfig> configs = PackConfigs(optimizer);
    const std::vector<at::Tensor> expected = OneByOne(kPackShape, configs, /*train=*/true);
    const std::string what =
        absl::StrCat("pack, ", optimizer, ": parameters after ", kPackUpdates, " updates");
    comparison.AddAll(what, PackOnDevice(kPackShape, configs, device).Train(nullptr), expected);
    if (graph == nullptr) continue;
    comparison.AddAll(absl::StrCat(what, ", by a graph"),
                      PackOnDevice(kPackShape, configs, device).Train(graph), expected);
  }
}

}  // namespace firstguess::trainer
