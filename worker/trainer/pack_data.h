#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
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

// The data of the latest pack, which the next one mostly shares: packs of a sweep differ in what
// their networks are far more often than in what they are trained on. Batches that are gathered are
// gathered for all of them. Thread-compatible, but for Prepare.
class PackDataCache {
 public:
  PackDataCache(std::vector<std::string> data_dirs, const at::Device& device)
      : datasets_(std::move(data_dirs)), device_(device) {}

  // Valid until the next call. Errors as MakePackData.
  absl::StatusOr<PackData*> Get(const TrialConfig& config);

  // Reads the data set of a pack to come, so that Get need not. From any thread.
  void Prepare(const TrialConfig& config) { datasets_.Get(config).status().IgnoreError(); }

 private:
  DatasetCache datasets_;
  const at::Device device_;
  std::optional<PackData> latest_;
  TrialConfig made_from_;  // of latest_
};

}  // namespace firstguess::trainer
