#pragma once

#include <cstdint>
#include <memory>

#include "common/spec/model_layers.h"
#include "worker/trainer/models/activation.h"
#include "worker/trainer/models/model.h"
#include "worker/trainer/models/normalisation.h"

namespace firstguess::trainer {

enum class Pooling { kMax, kAverage };

// A convolutional network: 3 x 3 convolutions with bias, padded by 1, each followed by the
// activation and, where CnnLayers (common/spec/model_layers.h) says so, 2 x 2 pooling; then the
// last image is flattened into a linear read-out. A `norm` is before or after the activation,
// before pooling: layer_norm over channels, height and width, batch_norm per channel.
//
// Parameters convs.<i>.weight and convs.<i>.bias, i = 0 … depth - 1, then norms.<i>.weight and
// norms.<i>.bias, then readout.weight and readout.bias; buffers norms.<i>.running_mean and
// norms.<i>.running_var.
//
// REQUIRES: FindMisfit (common/spec/model_checks.h) finds none.
std::shared_ptr<const Model> MakeCnn(const ImageShape& image, int64_t width, int64_t depth,
                                     int64_t classes, Activation activation,
                                     const Normalisation& norm, Pooling pooling);

}  // namespace firstguess::trainer
