#pragma once

#include <cstdint>
#include <vector>

namespace firstguess::trainer {

// Labelled images as the files hold them: example i is pixels[i * inputs .. (i + 1) * inputs),
// channel by channel, row by row, with labels[i] in 0 … classes - 1.
struct LabelledImages {
  int64_t inputs = 0;    // channels * height * width
  int64_t channels = 1;  // equal consecutive parts of the inputs
  int64_t height = 1;
  int64_t width = 0;
  std::vector<uint8_t> pixels;
  std::vector<int64_t> labels;

  int64_t count() const { return static_cast<int64_t>(labels.size()); }
};

}  // namespace firstguess::trainer
