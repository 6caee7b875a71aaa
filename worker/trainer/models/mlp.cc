#include "worker/trainer/models/mlp.h"

#include <optional>

#include "absl/strings/str_cat.h"

namespace firstguess::trainer {
namespace {

struct MlpLayers {
  std::vector<LinearLayer> linear;
  std::vector<std::optional<NormLayer>> norms;  // by hidden layer
};

MlpLayers AddLayers(const MlpShape& shape, LayerList& list) {
  MlpLayers layers;
  for (int64_t layer = 0; layer <= shape.depth; ++layer) {
    layers.linear.push_back(
        list.AddLinear(absl::StrCat("layers.", layer), layer == 0 ? shape.inputs : shape.width,
                       layer == shape.depth ? shape.classes : shape.width, layer == shape.depth));
  }
  for (int64_t layer = 0; layer < shape.depth; ++layer) {
    layers.norms.push_back(shape.norm.Add(list, absl::StrCat("norms.", layer), {shape.width}));
  }
  return layers;
}

class Mlp final : public Model {
 public:
  explicit Mlp(const MlpShape& shape)
      : activation_(shape.activation), norm_(shape.norm), mlp_(AddLayers(shape, layers())) {}

 private:
  at::Tensor Compute(const at::Tensor& inputs, ForwardPass& pass) const override {
    at::Tensor x = inputs;
    for (size_t i = 0; i < mlp_.norms.size(); ++i) {
      const LinearLayer& linear = mlp_.linear[i];
      x = norm_.Apply(pass, linear.name, mlp_.norms[i], pass.Apply(linear, x), activation_);
    }
    return pass.ReadOut(mlp_.linear.back(), x);
  }

  const Activation activation_;
  const Normalisation norm_;
  const MlpLayers mlp_;
};

}  // namespace

std::vector<ParameterSpec> MlpShape::Parameters() const {
  LayerList list;
  AddLayers(*this, list);
  return list.parameters();
}

std::shared_ptr<const Model> MakeMlp(const MlpShape& shape) { return std::make_shared<Mlp>(shape); }

}  // namespace firstguess::trainer
