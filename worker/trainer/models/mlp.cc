#include "worker/trainer/models/mlp.h"

#include <optional>

#include "absl/strings/str_cat.h"

namespace firstguess::trainer {
namespace {

std::vector<LinearLayer> AddLayers(const MlpShape& shape, LayerList& list) {
  std::vector<LinearLayer> layers;
  for (int64_t layer = 0; layer <= shape.depth; ++layer) {
    layers.push_back(
        list.AddLinear(absl::StrCat("layers.", layer), layer == 0 ? shape.inputs : shape.width,
                       layer == shape.depth ? shape.classes : shape.width, layer == shape.depth));
  }
  return layers;
}

class Mlp final : public Model {
 public:
  Mlp(const MlpShape& shape, const Normalisation& norm)
      : activation_(shape.activation), norm_(norm), linear_(AddLayers(shape, layers())) {
    for (int64_t layer = 0; layer < shape.depth; ++layer) {
      norms_.push_back(norm.Add(layers(), absl::StrCat("norms.", layer), {shape.width}));
    }
  }

 private:
  at::Tensor Compute(const at::Tensor& inputs, ForwardPass& pass) const override {
    at::Tensor x = inputs;
    for (size_t i = 0; i < norms_.size(); ++i) {
      x = norm_.Apply(pass, linear_[i].name, norms_[i], pass.Apply(linear_[i], x), activation_);
    }
    return pass.ReadOut(linear_.back(), x);
  }

  const Activation activation_;
  const Normalisation norm_;
  const std::vector<LinearLayer> linear_;
  std::vector<std::optional<NormLayer>> norms_;  // by hidden layer
};

}  // namespace

std::vector<ParameterSpec> MlpShape::Parameters() const {
  LayerList list;
  AddLayers(*this, list);
  return list.parameters();
}

std::shared_ptr<const Model> MakeMlp(const MlpShape& shape, const Normalisation& norm) {
  return std::make_shared<Mlp>(shape, norm);
}

}  // namespace firstguess::trainer
