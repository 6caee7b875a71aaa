#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "common/spec/trial.h"
#include "worker/trainer/data/images.h"

namespace firstguess::trainer {

// `config` with the fields that its data set is made from; all others have their defaults.
TrialConfig DatasetFields(const TrialConfig& config);

// The data sets that this process uses: read from files (data/images.h, data/own_dataset.h) or
// generated (generated_data.h), and what class_subset and input_shift make of them
// (data/variant.h). Those asked for last are kept, up to `limit_bytes` in all, but one at least.
// What was read from files shares its memory with the other processes of this user
// (data/shared_pages.h). Thread-safe: a data set that another thread is making is waited for.
class DatasetCache {
 public:
  explicit DatasetCache(std::vector<std::string> data_dirs, int64_t limit_bytes = int64_t{1} << 30)
      : data_dirs_(std::move(data_dirs)), limit_bytes_(limit_bytes) {}

  // The data set that `config` trains on. Errors as ReadImageDataset, ReadOwnDataset,
  // GenerateDataset and VariantOf; an error is not remembered, so a data set may be installed
  // later.
  absl::StatusOr<std::shared_ptr<const ImageDataset>> Get(const TrialConfig& config)
      EXCLUDES(mutex_);

 private:
  struct Entry {
    TrialConfig made_from;  // DatasetFields
    std::shared_ptr<const ImageDataset> dataset;
  };

  absl::StatusOr<std::shared_ptr<const ImageDataset>> GetLocked(const TrialConfig& made_from)
      REQUIRES(mutex_);
  absl::StatusOr<ImageDataset> Make(const TrialConfig& made_from) REQUIRES(mutex_);

  const std::vector<std::string> data_dirs_;
  const int64_t limit_bytes_;
  Mutex mutex_;
  std::list<Entry> entries_ GUARDED_BY(mutex_);  // the one asked for last comes first
};

}  // namespace firstguess::trainer
