#pragma once

#include <cstdint>
#include <memory>

#include "common/spec/model_layers.h"
#include "worker/trainer/models/activation.h"
#include "worker/trainer/models/model.h"

namespace firstguess::trainer {

// kCifar: 3 x 3 with stride 1. kImagenet: 7 x 7 with stride 2, then 3 x 3 max-pooling with
// stride 2.
enum class Stem { kCifar, kImagenet };

// A residual network (arXiv 1512.03385) with the structure and the parameter names of torchvision's
// resnet18, resnet34 and resnet50: batch normalisation after every convolution, which has no bias;
// shortcuts with a 1 x 1 convolution where the shape changes; the stride of a bottleneck in its
// 3 x 3 convolution; the mean over all places before the read-out `fc`. `width` channels in the
// stem and the first stage (torchvision has 64), doubled from stage to stage; `activation` in place
// of every ReLU.
//
// REQUIRES: FindMisfit (common/spec/model_checks.h) finds none.
std::shared_ptr<const Model> MakeResnet(const ResnetPlan& plan, const ImageShape& image, Stem stem,
                                        int64_t width, int64_t classes, Activation activation);

}  // namespace firstguess::trainer
