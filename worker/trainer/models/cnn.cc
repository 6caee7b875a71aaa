#include "worker/trainer/models/cnn.h"

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/max_pool2d.h>

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"

namespace firstguess::trainer {
namespace {

class Cnn final : public Model {
 public:
  Cnn(const ImageShape& image, const std::vector<CnnLayer>& shapes, int64_t classes,
      Activation activation, const Normalisation& norm, Pooling pooling)
      : image_(image), shapes_(shapes), activation_(activation), norm_(norm), pooling_(pooling) {
    for (size_t i = 0; i < shapes.size(); ++i) {
      convolutions_.push_back(layers().AddConvolution(absl::StrCat("convs.", i),
                                                      shapes[i].in_channels, shapes[i].out_channels,
                                                      /*kernel=*/3, /*stride=*/1,
                                                      /*has_bias=*/true));
    }
    for (size_t i = 0; i < shapes.size(); ++i) {
      const CnnLayer& shape = shapes[i];
      norms_.push_back(norm.Add(layers(), absl::StrCat("norms.", i),
                                {shape.out_channels, shape.height, shape.width}));
    }
    readout_ = layers().AddLinear("readout", CnnFeatures(shapes), classes, /*is_readout=*/true);
  }

 private:
  at::Tensor Compute(const at::Tensor& inputs, ForwardPass& pass) const override {
    at::Tensor x = inputs.reshape({inputs.size(0), image_.channels, image_.height, image_.width});
    for (size_t i = 0; i < shapes_.size(); ++i) {
      const ConvolutionLayer& layer = convolutions_[i];
      x = norm_.Apply(pass, layer.name, norms_[i], pass.Apply(layer, x), activation_);
      if (!shapes_[i].is_pooled) continue;
      x = pooling_ == Pooling::kMax ? at::max_pool2d(x, 2) : at::avg_pool2d(x, 2);
    }
    return pass.ReadOut(readout_, x.flatten(1));
  }

  const ImageShape image_;
  const std::vector<CnnLayer> shapes_;
  const Activation activation_;
  const Normalisation norm_;
  const Pooling pooling_;
  std::vector<ConvolutionLayer> convolutions_;
  std::vector<std::optional<NormLayer>> norms_;  // by convolution
  LinearLayer readout_;
};

}  // namespace

std::shared_ptr<const Model> MakeCnn(const ImageShape& image, int64_t width, int64_t depth,
                                     int64_t classes, Activation activation,
                                     const Normalisation& norm, Pooling pooling) {
  return std::make_shared<Cnn>(image, CnnLayers(width, depth, image), classes, activation, norm,
                               pooling);
}

}  // namespace firstguess::trainer
