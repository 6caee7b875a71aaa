#include "common/spec/model_layers.h"

namespace firstguess {
namespace {

constexpr int64_t kSmallestPooled = 4;

double Real(int64_t value) { return static_cast<double>(value); }

WeightLayer Dense(int64_t in, int64_t out) { return {Real(in) * Real(out)}; }

// Adds convolutions as they follow on each other and keeps the image that has come of them.
class Convolutions {
 public:
  explicit Convolutions(const ImageShape& image) : image_(image) {}

  void Add(int64_t out, int64_t kernel, int64_t stride) {
    AddBeside(out, kernel, stride);
    Halve(stride);
    image_.channels = out;
  }
  // One that is not on the way: of a shortcut.
  void AddBeside(int64_t out, int64_t kernel, int64_t stride) {
    const auto sides = [&](int64_t side) { return Real((side + stride - 1) / stride); };
    layers_.push_back({Real(image_.channels) * Real(out) * Real(kernel * kernel),
                       sides(image_.height) * sides(image_.width)});
  }
  // Padded pooling with this stride.
  void Halve(int64_t stride) {
    image_.height = (image_.height + stride - 1) / stride;
    image_.width = (image_.width + stride - 1) / stride;
  }

  const ImageShape& image() const { return image_; }
  std::vector<WeightLayer>& layers() { return layers_; }

 private:
  ImageShape image_;
  std::vector<WeightLayer> layers_;
};

std::vector<WeightLayer> MlpWeightLayers(const TrialConfig& config, const ImageShape& image,
                                         int64_t classes) {
  std::vector<WeightLayer> layers = {Dense(image.inputs(), config.width)};
  for (int64_t layer = 1; layer < config.depth; ++layer) {
    layers.push_back(Dense(config.width, config.width));
  }
  layers.push_back(Dense(config.width, classes));
  return layers;
}

std::vector<WeightLayer> CnnWeightLayers(const TrialConfig& config, const ImageShape& image,
                                         int64_t classes) {
  const std::vector<CnnLayer> convolutions = CnnLayers(config.width, config.depth, image);
  std::vector<WeightLayer> layers;
  for (const CnnLayer& layer : convolutions) {
    layers.push_back({9 * Real(layer.in_channels) * Real(layer.out_channels),
                      Real(layer.height) * Real(layer.width)});
  }
  layers.push_back(Dense(CnnFeatures(convolutions), classes));
  return layers;
}

std::vector<WeightLayer> ResnetWeightLayers(const ResnetPlan& plan, const TrialConfig& config,
                                            const ImageShape& image, int64_t classes) {
  Convolutions convolutions(image);
  if (config.stem == "imagenet") {
    convolutions.Add(config.width, 7, 2);
    convolutions.Halve(2);
  } else {
    convolutions.Add(config.width, 3, 1);
  }
  for (size_t stage = 0; stage < plan.blocks.size(); ++stage) {
    const int64_t inner = config.width << stage;
    const int64_t out = inner * plan.expansion();
    for (int64_t block = 0; block < plan.blocks[stage]; ++block) {
      const int64_t stride = block == 0 && stage > 0 ? 2 : 1;
      if (stride != 1 || convolutions.image().channels != out) {
        convolutions.AddBeside(out, 1, stride);
      }
      if (plan.has_bottlenecks) convolutions.Add(inner, 1, 1);
      convolutions.Add(inner, 3, stride);
      convolutions.Add(out, plan.has_bottlenecks ? 1 : 3, 1);
    }
  }
  convolutions.layers().push_back(Dense(convolutions.image().channels, classes));
  return convolutions.layers();
}

}  // namespace

std::vector<CnnLayer> CnnLayers(int64_t width, int64_t depth, const ImageShape& image) {
  std::vector<CnnLayer> layers;
  CnnLayer next{.in_channels = image.channels,
                .out_channels = width,
                .height = image.height,
                .width = image.width};
  for (int64_t i = 0; i < depth; ++i) {
    next.is_pooled = next.height >= kSmallestPooled && next.width >= kSmallestPooled;
    layers.push_back(next);
    next.in_channels = next.out_channels;
    if (!next.is_pooled) continue;
    next.out_channels *= 2;
    next.height /= 2;
    next.width /= 2;
  }
  return layers;
}

int64_t CnnFeatures(const std::vector<CnnLayer>& layers) {
  const CnnLayer& last = layers.back();
  const int64_t shrink = last.is_pooled ? 2 : 1;
  return last.out_channels * (last.height / shrink) * (last.width / shrink);
}

const ResnetPlan* FindResnet(absl::string_view model) {
  static constexpr ResnetPlan kResnet18{.has_bottlenecks = false, .blocks = {2, 2, 2, 2}};
  static constexpr ResnetPlan kResnet34{.has_bottlenecks = false, .blocks = {3, 4, 6, 3}};
  static constexpr ResnetPlan kResnet50{.has_bottlenecks = true, .blocks = {3, 4, 6, 3}};
  if (model == "resnet18") return &kResnet18;
  if (model == "resnet34") return &kResnet34;
  if (model == "resnet50") return &kResnet50;
  return nullptr;
}

std::vector<WeightLayer> WeightLayers(const TrialConfig& config, const ImageShape& image,
                                      int64_t classes) {
  if (const ResnetPlan* plan = FindResnet(config.model)) {
    return ResnetWeightLayers(*plan, config, image, classes);
  }
  if (config.model == "cnn") return CnnWeightLayers(config, image, classes);
  return MlpWeightLayers(config, image, classes);
}

}  // namespace firstguess
