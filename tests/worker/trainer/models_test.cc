// Each model against PyTorch's own modules (models_values.py), its gradient against finite
// differences, and what a network does with batch statistics, taps and bad inputs.

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/model_layers.h"
#include "tests/worker/trainer/models_values.h"
#include "worker/trainer/check_trial.h"
#include "worker/trainer/losses/cross_entropy.h"
#include "worker/trainer/models/make_model.h"
#include "worker/trainer/network.h"
#include "worker/trainer/optimizer.h"
#include "worker/trainer/random.h"

namespace firstguess::trainer {
namespace {

using pytorch::ModelCase;

// Data of the shape of a case's, without examples.
ImageDataset DataOf(const std::vector<int64_t>& image, int64_t classes) {
  ImageDataset data;
  data.classes = classes;
  data.train.channels = image[0];
  data.train.height = image[1];
  data.train.width = image[2];
  data.train.inputs = image[0] * image[1] * image[2];
  return data;
}

ImageDataset DataOf(const ModelCase& one) { return DataOf(one.image, pytorch::kClasses); }

TrialConfig ConfigOf(const ModelCase& one) {
  TrialConfig config;
  config.dataset = "npy/own";
  config.model = one.model;
  config.width = one.width;
  config.depth = one.depth;
  config.activation = one.activation;
  config.norm = one.norm;
  config.norm_position = one.norm_position;
  config.pool = one.pool;
  config.stem = one.stem;
  config.init = one.init;
  config.bias_scale = 0.2;
  config.optimizer = "momentum";
  config.learning_rate = 0.05;
  config.momentum = 0.8;
  config.weight_decay = 0.01;
  return config;
}

std::string NameOf(const ModelCase& one) {
  return absl::StrCat(one.model, ", ", one.activation, ", ", one.norm, " ", one.norm_position, ", ",
                      one.pool, ", ", one.stem, ", ", one.init);
}

Network MakeNetwork(const TrialConfig& config, const ImageDataset& data,
                    at::ScalarType type = at::kDouble) {
  const absl::Status status = CheckTrial(config, data);
  EXPECT_TRUE(status.ok()) << status;
  return Network(MakeModel(config, data), config, type, at::kCPU);
}

// Irregular inputs of about unit size, as in models_values.py.
at::Tensor Inputs(int64_t rows, int64_t columns) {
  return at::sin(at::arange(rows * columns, at::kDouble).mul(0.7)).mul(1.5).view({rows, columns});
}

at::Tensor Labels(int64_t rows) { return at::arange(rows, at::kLong).remainder(pytorch::kClasses); }

// Relative to the largest: few updates leave a resnet with running moments that its own batch has
// not, and logits of 1e16. Its normalisations of few values enlarge the rounding of float64.
void ExpectNear(const at::Tensor& got, const std::vector<double>& expected) {
  const at::Tensor flat = got.flatten();
  ASSERT_EQ(flat.size(0), static_cast<int64_t>(expected.size()));
  const at::Tensor values = at::tensor(expected);
  EXPECT_LT(flat.sub(values).abs().max().item<double>(), 1e-7 * values.abs().max().item<double>());
}

TEST(Models, AreTheNetworksThatPyTorchsModulesAre) {
  for (const ModelCase& one : pytorch::kModelCases) {
    SCOPED_TRACE(NameOf(one));
    TrialConfig config = ConfigOf(one);
    const ImageDataset data = DataOf(one);
    Network network = MakeNetwork(config, data);
    EXPECT_EQ(network.parameters().size(0), one.parameters);
    const at::Tensor inputs = Inputs(pytorch::kBatch, data.train.inputs);
    const at::Tensor labels = Labels(pytorch::kBatch);
    ExpectNear(network.Logits(inputs), one.first_logits);

    // The same path with probes by the running statistics.
    config.norm_statistics = "running";
    Network by_running = MakeNetwork(config, data);
    const std::unique_ptr<LossFunction> loss = MakeCrossEntropy();
    for (Network* each : {&network, &by_running}) {
      const std::unique_ptr<Optimizer> optimizer = *MakeOptimizer(config);
      for (const double expected : one.losses) {
        EXPECT_NEAR(each->Backward(inputs, labels, *loss), expected, 1e-8);
        optimizer->Update(each->parameters(), each->gradient());
      }
    }
    ExpectNear(network.Logits(inputs), one.batch_logits);
    ExpectNear(by_running.Logits(inputs), one.running_logits);
    EXPECT_TRUE(network.InitialParameters().equal(MakeNetwork(config, data).parameters()));
  }
}

TEST(Models, NameTheirParametersAndRunningMomentsAsPyTorchDoes) {
  for (const ModelCase& one : pytorch::kModelCases) {
    const std::shared_ptr<const Model> model = MakeModel(ConfigOf(one), DataOf(one));
    std::set<std::string> names;
    for (const ParameterSpec& spec : model->parameters()) names.insert(spec.name);
    for (const BufferSpec& spec : model->buffers()) names.insert(spec.name);
    EXPECT_EQ(absl::StrJoin(names, " "), one.names);
  }
}

TEST(Models, HaveTheWeightsThatTheirCostIsReckonedFrom) {
  for (const ModelCase& one : pytorch::kModelCases) {
    const ImageDataset data = DataOf(one);
    double weights = 0;
    const std::shared_ptr<const Model> model = MakeModel(ConfigOf(one), data);
    for (const ParameterSpec& spec : model->parameters()) {
      if (spec.role == ParameterRole::kWeight) weights += static_cast<double>(spec.elements());
    }
    double expected = 0;
    for (const WeightLayer& layer :
         WeightLayers(ConfigOf(one), ImageShapeOf(data), pytorch::kClasses)) {
      expected += layer.weights;
    }
    EXPECT_EQ(weights, expected) << NameOf(one);
  }
}

// How well `network`'s gradient agrees with central differences of a fixed function of the logits,
// along a random direction within each parameter.
double LargestGradientError(Network& network, const at::Tensor& inputs) {
  const std::unique_ptr<LossFunction> loss = MakeCrossEntropy();
  const at::Tensor labels = Labels(inputs.size(0));
  const at::Tensor into_logits =
      EvaluateBatch(*loss, network.Logits(inputs), labels).logits_gradient;
  network.Backward(inputs, labels, *loss);
  const at::Tensor start = network.parameters().clone();
  const auto surrogate = [&](const at::Tensor& direction, double step) {
    network.parameters().copy_(start.add(direction, step));
    const double value = network.Logits(inputs).mul(into_logits).sum().item<double>();
    network.parameters().copy_(start);
    return value;
  };
  constexpr double kStep = 1e-6;
  double largest = 0;
  for (const ParameterSpec& spec : network.model().parameters()) {
    at::Tensor direction = start.mul(0);
    at::Tensor part = network.Part(direction, spec.name);
    part.copy_(at::randn(spec.shape, StreamGenerator("test/" + spec.name), at::kDouble));
    part.div_(part.norm());
    const double difference =
        (surrogate(direction, kStep) - surrogate(direction, -kStep)) / (2 * kStep);
    const double expected = network.gradient().mul(direction).sum().item<double>();
    largest = std::max(largest, std::abs(difference - expected));
  }
  return largest / network.GradientNorm();
}

TEST(Models, HaveTheGradientsOfFiniteDifferences) {
  for (const ModelCase& one : pytorch::kModelCases) {
    const ImageDataset data = DataOf(one);
    TrialConfig config = ConfigOf(one);
    config.init = "he";
    if (config.activation == "relu" || config.activation == "leaky_relu") {
      config.activation = "tanh";  // no kinks that a step might cross
    }
    Network network = MakeNetwork(config, data);
    EXPECT_LT(LargestGradientError(network, Inputs(4, data.train.inputs)), 1e-6) << NameOf(one);
  }
}

TEST(Models, StatisticsOfTheBatchJoinExamplesAndRunningOnesDoNot) {
  for (const char* statistics : {"batch", "running"}) {
    TrialConfig config;
    config.model = "cnn";
    config.width = 3;
    config.depth = 1;
    config.norm = "batch_norm";
    config.norm_statistics = statistics;
    Network network = MakeNetwork(config, DataOf({1, 4, 4}, 3));
    // More than go through at once where that has no effect.
    const at::Tensor inputs = Inputs(1100, 16);
    network.Backward(inputs, Labels(1100), *MakeCrossEntropy());
    const at::Tensor moments = at::cat(network.buffers());
    const at::Tensor together = network.Logits(inputs);
    const at::Tensor apart = at::cat(
        {network.Logits(inputs.narrow(0, 0, 550)), network.Logits(inputs.narrow(0, 550, 550))});
    const double difference = together.sub(apart).abs().max().item<double>();
    if (config.norm_statistics == "batch") {
      EXPECT_GT(difference, 1e-6);
    } else {
      EXPECT_LT(difference, 1e-12);
    }
    EXPECT_TRUE(at::cat(network.buffers()).equal(moments)) << "a probe moved the running moments";
  }
}

class Recorder : public LayerTap {
 public:
  void OnLayer(int64_t layer, absl::string_view name, const at::Tensor& pre_activation,
               const at::Tensor& activation) override {
    EXPECT_EQ(layer, static_cast<int64_t>(names.size()));
    names.emplace_back(name);
    pre_activations.push_back(pre_activation);
    activations.push_back(activation);
  }

  std::vector<std::string> names;
  std::vector<at::Tensor> pre_activations, activations;
};

TEST(Models, ShowEveryLayerToATapUnderTheNameOfItsWeights) {
  for (const ModelCase& one : pytorch::kModelCases) {
    SCOPED_TRACE(NameOf(one));
    const ImageDataset data = DataOf(one);
    Network network = MakeNetwork(ConfigOf(one), data);
    const at::Tensor inputs = Inputs(4, data.train.inputs);
    Recorder tap;
    const at::Tensor logits = network.Logits(inputs, &tap);
    EXPECT_TRUE(logits.equal(network.Logits(inputs)));
    EXPECT_TRUE(tap.pre_activations.back().equal(logits));
    EXPECT_TRUE(tap.activations.back().equal(logits));
    // All layers with weights, but for the shortcuts, which have no activation of their own.
    std::vector<std::string> expected;
    for (const ParameterSpec& spec : network.model().parameters()) {
      if (spec.role != ParameterRole::kWeight) continue;
      if (spec.name.find("downsample") != std::string::npos) continue;
      expected.push_back(spec.name.substr(0, spec.name.size() - 7));
    }
    EXPECT_EQ(tap.names, expected);
    for (size_t layer = 0; layer + 1 < tap.names.size(); ++layer) {
      EXPECT_TRUE(Activate(tap.pre_activations[layer], *ActivationFromName(one.activation))
                      .equal(tap.activations[layer]))
          << tap.names[layer];
    }
  }
}

TEST(Models, NormalisationBeginsAtOneAndZeroInEveryInit) {
  for (const char* init : {"he", "lecun", "glorot", "orthogonal", "torch"}) {
    TrialConfig config;
    config.norm = "batch_norm";
    config.init = init;
    config.bias_scale = 3;
    config.init_scale = 2;
    const Network network = MakeNetwork(config, DataOf({1, 1, 16}, 3));
    const at::Tensor initial = network.InitialParameters();
    for (const ParameterSpec& spec : network.model().parameters()) {
      const at::Tensor values = network.Part(initial, spec.name);
      if (spec.role == ParameterRole::kNormScale) {
        EXPECT_TRUE(values.eq(1).all().item<bool>()) << spec.name;
      } else if (spec.role == ParameterRole::kNormShift) {
        EXPECT_TRUE(values.eq(0).all().item<bool>()) << spec.name;
      }
    }
  }
}

TEST(Models, KeepNan) {
  for (const ModelCase& one : pytorch::kModelCases) {
    const ImageDataset data = DataOf(one);
    Network network = MakeNetwork(ConfigOf(one), data, at::kFloat);
    const at::Tensor inputs = Inputs(4, data.train.inputs).mul(NAN).to(at::kFloat);
    EXPECT_TRUE(network.Logits(inputs).isnan().all().item<bool>()) << NameOf(one);
  }
}

TEST(Models, AreRefusedWhereTheDataDoNotFit) {
  const auto refusal = [](const TrialConfig& config, const std::vector<int64_t>& image) {
    const absl::Status status = CheckTrial(config, DataOf(image, 3));
    EXPECT_TRUE(status.ok() || absl::IsInvalidArgument(status)) << status;
    return std::string(status.message());
  };
  TrialConfig config;
  config.dataset = "npy/own";
  config.model = "cnn";
  EXPECT_THAT(refusal(config, {1, 1, 100}), testing::HasSubstr("has vectors"));
  EXPECT_EQ(refusal(config, {1, 2, 2}), "");
  config.model = "resnet50";
  EXPECT_THAT(refusal(config, {1, 4, 32}), testing::HasSubstr("at least 5 x 5"));
  EXPECT_EQ(refusal(config, {1, 5, 5}), "");
  config.stem = "imagenet";
  EXPECT_THAT(refusal(config, {1, 16, 32}), testing::HasSubstr("at least 17 x 17"));
  EXPECT_EQ(refusal(config, {1, 17, 17}), "");
  config.model = "transformer";
  EXPECT_THAT(refusal(config, {1, 17, 17}), testing::HasSubstr("unknown model"));
}

TEST(LogitBias, IsAddedToTheLabelsLogitBeforeTheLoss) {
  TrialConfig config;
  config.width = 4;
  config.depth = 1;
  const ImageDataset data = DataOf({1, 1, 5}, 3);
  const at::Tensor inputs = Inputs(6, 5), labels = Labels(6);
  Network network = MakeNetwork(config, data);
  const double value = network.Backward(inputs, labels, *MakeCrossEntropy(), 0.7);
  const at::Tensor gradient = network.gradient().clone();

  // The read-out's biases feel the mean of softmax(z + 0.7 e_y) - e_y.
  const at::Tensor shifted =
      network.Logits(inputs).add(at::tensor({1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0})
                                     .view({3, 3})
                                     .index_select(0, labels),
                                 0.7);
  const at::Tensor log_probs = shifted.log_softmax(1);
  EXPECT_NEAR(value, -log_probs.gather(1, labels.unsqueeze(1)).mean().item<double>(), 1e-14);
  // Two examples of each class.
  const at::Tensor expected = log_probs.exp().mean(0).sub(1.0 / 3);
  EXPECT_LT(network.Part(gradient, "layers.1.bias").sub(expected).abs().max().item<double>(),
            1e-14);
}

}  // namespace
}  // namespace firstguess::trainer
