#pragma once

#include <ATen/core/Generator.h>

#include "absl/strings/string_view.h"

namespace firstguess::trainer {

// A fresh CPU generator for the random stream `stream`, seeded by StreamSeed (common/hash.h). Every
// draw that decides a trajectory comes from one of these and never from the global generator, so
// that it is the same whatever else was drawn. The streams:
//
//   init/<seed>/<parameter>        initial values of one parameter      initialisation.h
//   batches/<data_seed>/<epoch>    order of the training examples       batches.h
//   probe/<data_seed>              choice of the probe set              probe_set.h
//   label_noise/<data_seed>        which labels change, and into what   label_noise.h
//   blobs/<data_seed>/<what>       centres, train and test of blobs     generated_data.h
//   gaussian/<data_seed>/<split>   train and test of white noise        generated_data.h
//   noise_probe/<data_seed>        examples that group noise looks at   groups/noise_probe.h
//   sharpness/<seed>               start of the power iteration         groups/sharpness.h
//
// Stable. Equal to torch.Generator().manual_seed(...) in Python.
at::Generator StreamGenerator(absl::string_view stream);

}  // namespace firstguess::trainer
