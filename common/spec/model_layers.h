#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/trial.h"

namespace firstguess {

// The shapes of the models' layers, of which the trainer builds them and the coordinator reckons
// what they cost.

struct ImageShape {
  int64_t channels = 1;
  int64_t height = 1;
  int64_t width = 0;

  int64_t inputs() const { return channels * height * width; }
  // Vectors are given as images of one row.
  bool is_image() const { return height > 1 && width > 1; }
};

// A 3 x 3 convolution of a cnn, with what it puts out.
struct CnnLayer {
  int64_t in_channels = 0;
  int64_t out_channels = 0;
  int64_t height = 0;  // as the input's
  int64_t width = 0;
  bool is_pooled = false;  // 2 x 2 pooling follows: half of height and width, rounded down
};

// The `depth` convolutions of a cnn. Pooling follows on each while both sides are at least 4 (after
// the first three of 28 x 28, which leaves 3 x 3; after the first four of 32 x 32, which leaves
// 2 x 2). The first has `width` channels, and each pooling doubles them for the next, as in VGG
// (arXiv 1409.1556).
std::vector<CnnLayer> CnnLayers(int64_t width, int64_t depth, const ImageShape& image);

// Inputs of the read-out after `layers`, which is not empty: the last image, flattened.
int64_t CnnFeatures(const std::vector<CnnLayer>& layers);

// A residual network (arXiv 1512.03385, table 1): four stages of blocks.
struct ResnetPlan {
  bool has_bottlenecks = false;
  std::array<int64_t, 4> blocks = {};

  // Channels out of a block for each of its inner ones.
  int64_t expansion() const { return has_bottlenecks ? 4 : 1; }
};

// Null unless `model` is resnet18, resnet34 or resnet50.
const ResnetPlan* FindResnet(absl::string_view model);

// A matrix of weights and how often an example makes use of it: once in a dense layer, at every
// place that a convolution puts out.
struct WeightLayer {
  double weights = 0;
  double places = 1;
};

// Of `config`'s model for `image` and `classes`; without biases and normalisation.
std::vector<WeightLayer> WeightLayers(const TrialConfig& config, const ImageShape& image,
                                      int64_t classes);

}  // namespace firstguess
