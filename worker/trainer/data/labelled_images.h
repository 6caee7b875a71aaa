#pragma once

#include <cstdint>
#include <vector>

namespace firstguess::trainer {

// Labelled examples: images as bytes, or arrays of floats. Example i is elements
// i * inputs … (i + 1) * inputs - 1 of `pixels` or of `values`, whichever is not empty: channel by
// channel, row by row; its label, in 0 … classes - 1, is labels[i].
struct LabelledImages {
  int64_t inputs = 0;    // channels * height * width
  int64_t channels = 1;  // equal consecutive parts of the inputs
  int64_t height = 1;
  int64_t width = 0;
  std::vector<uint8_t> pixels;  // normalised when they are used
  std::vector<float> values;    // used as they are
  std::vector<int64_t> labels;

  int64_t count() const { return static_cast<int64_t>(labels.size()); }
  int64_t bytes() const {
    return static_cast<int64_t>(pixels.size() + values.size() * sizeof(float) +
                                labels.size() * sizeof(int64_t));
  }
};

}  // namespace firstguess::trainer
