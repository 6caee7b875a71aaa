#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "worker/trainer/data/images.h"

namespace firstguess::trainer {

// Reads the data set "npy/<name>", arrays that a user made (npy.h), from the first folder that has
// it (locate.h). Its splits train/ and test/ hold
//
//   x.npy   inputs: (n, features), (n, height, width) or (n, channels, height, width); either uint8
//           in both splits, pixels that are normalised as those of images are, each channel over
//           the training split, or float32 or float64, which are used as they are, rounded to
//           float32
//   y.npy   labels: (n), integers of any type, 0 … classes - 1; a class may have no examples
//
// NotFound as LocateDataset; DataLoss as VerifyChecksum (checksums.h) of the data set's folder and
// ReadNpy, and, naming the file and mostly the byte, when a label is out of range, an input is not
// finite in float32, or arrays do not fit together; InvalidArgument when `name` can't be a data
// set's.
absl::StatusOr<ImageDataset> ReadOwnDataset(absl::string_view name, int64_t classes,
                                            const std::vector<std::string>& data_dirs);

}  // namespace firstguess::trainer
