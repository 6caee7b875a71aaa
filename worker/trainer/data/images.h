#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/trainer/data/labelled_images.h"

namespace firstguess::trainer {

// Per channel, what each pixel value becomes.
using PixelTable = std::vector<std::array<float, 256>>;

// (pixel / 255 - mean) / std in float64, rounded once to float32; mean and std (population) over
// all pixels of the channel in `images`. A channel whose pixels are all equal has std 0 and
// becomes 0. Stable: design, "Data".
PixelTable NormalisationTable(const LabelledImages& images);

// A data set in memory. Pixels stay bytes (a quarter of the memory) and become normalised floats
// when rows are asked for; data that are floats already are used as they are. Immutable once made;
// thread-safe.
struct ImageDataset {
  std::string name;
  int64_t classes = 0;
  LabelledImages train;
  LabelledImages test;
  PixelTable table;  // of the whole training split; empty for floats
};

// Writes the inputs of `rows` of `images` to `out` (row_count x inputs, row-major): pixels by
// `table`, floats as they are.
// REQUIRES: every row in 0 … images.count() - 1.
void FillInputs(const LabelledImages& images, const PixelTable& table, const int64_t* rows,
                int64_t row_count, float* out);

// Reads the published data set `name` from the first folder that has it (locate.h). NotFound as
// LocateDataset; DataLoss as VerifyChecksum (checksums.h), ReadIdxImages and ReadCifarImages, and
// when the files are not that data set: other numbers of training examples per class than
// common/spec/datasets.h lists.
absl::StatusOr<ImageDataset> ReadImageDataset(absl::string_view name,
                                              const std::vector<std::string>& data_dirs);

}  // namespace firstguess::trainer
