#pragma once

#include "absl/status/statusor.h"
#include "common/spec/trial.h"
#include "worker/trainer/data/images.h"

namespace firstguess::trainer {

// What `config.class_subset` and `config.input_shift` make of the data set `data`: of both splits
// the examples of those classes alone, in file order, which are numbered anew from 0 in rising
// order, and every input, normalised as in the whole data set, moved by the shift, in float32.
// Stable. InvalidArgument when a class of the subset does not exist.
absl::StatusOr<ImageDataset> VariantOf(const ImageDataset& data, const TrialConfig& config);

}  // namespace firstguess::trainer
