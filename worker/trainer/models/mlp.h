#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "worker/trainer/models/activation.h"
#include "worker/trainer/models/model.h"
#include "worker/trainer/models/normalisation.h"
#include "worker/trainer/models/parameter.h"

namespace firstguess::trainer {

// A multi-layer perceptron: `depth` hidden layers of `width` units, then a linear read-out. Layer
// i = 0 … depth; the last is the read-out. `norm` normalises each hidden layer over its units or,
// in batch_norm, each unit over the batch.
struct MlpShape {
  int64_t inputs = 0;
  int64_t width = 0;
  int64_t depth = 0;
  int64_t classes = 0;
  Activation activation = Activation::kRelu;
  Normalisation norm = {};

  // In order: layers.0.weight, layers.0.bias, layers.1.weight, …; then, with a norm,
  // norms.0.weight, norms.0.bias, …
  std::vector<ParameterSpec> Parameters() const;
};

// Its buffers, in batch_norm: norms.<i>.running_mean, norms.<i>.running_var, i = 0 … depth - 1.
std::shared_ptr<const Model> MakeMlp(const MlpShape& shape);

}  // namespace firstguess::trainer
