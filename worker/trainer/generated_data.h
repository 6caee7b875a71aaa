#pragma once

#include "absl/status/statusor.h"
#include "common/spec/trial.h"
#include "worker/trainer/data/images.h"

namespace firstguess::trainer {

// The data set "blobs" or "gaussian" of `config`, with C = data_classes, D = data_dimension. Either
// split has n = C * data_train_per_class or C * data_test_per_class examples; example i has label
// i mod C. Every draw has its own stream and is randn in float32:
//
//   gaussian/<data_seed>/train, …/test   randn((n, D)): the inputs, white noise that says nothing
//   of
//                                        the labels
//   blobs/<data_seed>/centres            randn((C, D)); each row, in float64, times data_separation
//                                        over its Euclidean norm, rounded to float32: the centre of
//                                        its class
//   blobs/<data_seed>/train, …/test      randn((n, D)), to each row of which its label's centre is
//                                        added, in float32: the inputs
//
// Nothing is normalised: the noise has variance 1 already. Stable. InvalidArgument when a split
// would have more than 2^31 numbers; LibTorch's exceptions (out of memory) pass through.
// REQUIRES: IsGeneratedDataset(config.dataset) (common/spec/datasets.h).
absl::StatusOr<ImageDataset> GenerateDataset(const TrialConfig& config);

}  // namespace firstguess::trainer
