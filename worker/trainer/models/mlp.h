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
// i = 0 … depth; the last is the read-out.
struct MlpShape {
  int64_t inputs = 0;
  int64_t width = 0;
  int64_t depth = 0;
  int64_t classes = 0;
  Activation activation = Activation::kRelu;

  // In order: layers.0.weight, layers.0.bias, layers.1.weight, …
  std::vector<ParameterSpec> Parameters() const;
};

// `norm` normalises each hidden layer over its units or, in batch_norm, each unit over the batch:
// parameters norms.<i>.weight and norms.<i>.bias, i = 0 … depth - 1, which follow those of all
// layers, and buffers norms.<i>.running_mean, norms.<i>.running_var.
std::shared_ptr<const Model> MakeMlp(const MlpShape& shape, const Normalisation& norm = {});

}  // namespace firstguess::trainer
