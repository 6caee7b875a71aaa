#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/spec/trial.h"
#include "worker/trainer/batches.h"
#include "worker/trainer/data/images.h"
#include "worker/trainer/dataset_cache.h"
#include "worker/trainer/groups/noise_probe.h"
#include "worker/trainer/probe_set.h"

namespace firstguess::trainer {

// What the trials of one pack train and are measured on.
struct PackData {
  std::shared_ptr<const ImageDataset> dataset;
  std::unique_ptr<Batches> batches;
  ProbeSet probe;
  std::optional<NoiseProbe> noise_probe;  // for trials with group noise
};

// The data that `config` asks for; all trials of its pack share it. InvalidArgument when batch or
// probe set are larger than the data; else errors as DatasetCache::Get.
absl::StatusOr<PackData> MakePackData(const TrialConfig& config, DatasetCache& datasets,
                                      const at::Device& device);

}  // namespace firstguess::trainer
