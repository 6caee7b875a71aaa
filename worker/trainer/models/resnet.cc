#include "worker/trainer/models/resnet.h"

#include <ATen/ops/max_pool2d.h>

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace firstguess::trainer {
namespace {

// A convolution and the batch normalisation after it.
struct NormalisedConvolution {
  ConvolutionLayer convolution;
  NormLayer norm;
};

struct Block {
  std::vector<NormalisedConvolution> convolutions;  // the last one's activation is the block's
  std::optional<NormalisedConvolution> shortcut;    // none: the input itself
};

class Resnet final : public Model {
 public:
  Resnet(const ResnetPlan& plan, const ImageShape& image, Stem stem, int64_t width, int64_t classes,
         Activation activation)
      : image_(image),
        pools_(stem == Stem::kImagenet),
        activation_(activation),
        stem_(stem == Stem::kImagenet ? Add("conv1", "bn1", image.channels, width, 7, 2)
                                      : Add("conv1", "bn1", image.channels, width, 3, 1)) {
    int64_t channels = width;
    for (size_t stage = 0; stage < plan.blocks.size(); ++stage) {
      const int64_t inner = width << stage;
      for (int64_t i = 0; i < plan.blocks[stage]; ++i) {
        const std::string name = absl::StrCat("layer", stage + 1, ".", i, ".");
        AddBlock(name, plan, channels, inner, i == 0 && stage > 0 ? 2 : 1);
        channels = inner * plan.expansion();
      }
    }
    readout_ = layers().AddLinear("fc", channels, classes, /*is_readout=*/true);
  }

 private:
  NormalisedConvolution Add(const std::string& convolution, const std::string& norm, int64_t in,
                            int64_t out, int64_t kernel, int64_t stride) {
    const ConvolutionLayer layer =
        layers().AddConvolution(convolution, in, out, kernel, stride, /*has_bias=*/false);
    return {layer, layers().AddBatchNorm(norm, out)};
  }

  void AddBlock(const std::string& name, const ResnetPlan& plan, int64_t in, int64_t inner,
                int64_t stride) {
    const int64_t out = inner * plan.expansion();
    Block block;
    const auto add = [&](int64_t from, int64_t to, int64_t kernel, int64_t step) {
      const size_t number = block.convolutions.size() + 1;
      block.convolutions.push_back(Add(absl::StrCat(name, "conv", number),
                                       absl::StrCat(name, "bn", number), from, to, kernel, step));
    };
    if (plan.has_bottlenecks) {
      add(in, inner, 1, 1);
      add(inner, inner, 3, stride);
      add(inner, out, 1, 1);
    } else {
      add(in, inner, 3, stride);
      add(inner, out, 3, 1);
    }
    if (stride != 1 || in != out) {
      block.shortcut = Add(absl::StrCat(name, "downsample.0"), absl::StrCat(name, "downsample.1"),
                           in, out, 1, stride);
    }
    blocks_.push_back(std::move(block));
  }

  at::Tensor Compute(const at::Tensor& inputs, ForwardPass& pass) const override {
    at::Tensor x = inputs.reshape({inputs.size(0), image_.channels, image_.height, image_.width});
    x = pass.ActivateLayer(stem_.convolution.name, Apply(pass, stem_, x), activation_);
    if (pools_) x = at::max_pool2d(x, 3, 2, 1);
    for (const Block& block : blocks_) x = Apply(pass, block, x);
    return pass.ReadOut(readout_, x.mean({2, 3}));
  }

  static at::Tensor Apply(const ForwardPass& pass, const NormalisedConvolution& layer,
                          const at::Tensor& x) {
    return pass.Apply(layer.norm, pass.Apply(layer.convolution, x));
  }

  at::Tensor Apply(ForwardPass& pass, const Block& block, const at::Tensor& input) const {
    at::Tensor x = input;
    for (const NormalisedConvolution& layer : block.convolutions) {
      x = Apply(pass, layer, x);
      if (&layer == &block.convolutions.back()) {
        x = x.add(block.shortcut.has_value() ? Apply(pass, *block.shortcut, input) : input);
      }
      x = pass.ActivateLayer(layer.convolution.name, x, activation_);
    }
    return x;
  }

  const ImageShape image_;
  const bool pools_;
  const Activation activation_;
  const NormalisedConvolution stem_;
  std::vector<Block> blocks_;
  LinearLayer readout_;
};

}  // namespace

std::shared_ptr<const Model> MakeResnet(const ResnetPlan& plan, const ImageShape& image, Stem stem,
                                        int64_t width, int64_t classes, Activation activation) {
  return std::make_shared<Resnet>(plan, image, stem, width, classes, activation);
}

}  // namespace firstguess::trainer
