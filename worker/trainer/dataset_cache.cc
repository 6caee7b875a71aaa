#include "worker/trainer/dataset_cache.h"

#include <algorithm>

#include "common/log.h"
#include "common/spec/datasets.h"
#include "worker/trainer/data/own_dataset.h"
#include "worker/trainer/data/shared_pages.h"
#include "worker/trainer/data/variant.h"
#include "worker/trainer/generated_data.h"

namespace firstguess::trainer {
namespace {

// Where it can't be, the process has the data by itself.
void ShareMemory(ImageDataset& data) {
  const std::string folder = SharedPagesFolder();
  absl::Status status =
      folder.empty() ? absl::UnavailableError("no folder for it") : absl::OkStatus();
  for (LabelledImages* images : {&data.train, &data.test}) {
    if (!status.ok()) break;
    status = SharePages(images->pixels.data(), images->pixels.size(), folder);
    if (!status.ok()) break;
    status = SharePages(images->values.data(), images->values.size() * sizeof(float), folder);
  }
  if (!status.ok()) {
    Log(LogLevel::kInfo, "memory of data not shared with other processes",
        {{"dataset", data.name}, {"reason", status.message()}});
  }
}

}  // namespace

TrialConfig DatasetFields(const TrialConfig& config) {
  TrialConfig fields;
  fields.dataset = config.dataset;
  fields.class_subset = config.class_subset;
  fields.input_shift = config.input_shift;
  const bool is_generated = IsGeneratedDataset(config.dataset);
  if (is_generated || IsOwnDataset(config.dataset)) fields.data_classes = config.data_classes;
  if (is_generated) {
    fields.data_seed = config.data_seed;
    fields.data_dimension = config.data_dimension;
    fields.data_separation = config.data_separation;
    fields.data_train_per_class = config.data_train_per_class;
    fields.data_test_per_class = config.data_test_per_class;
  }
  return fields;
}

absl::StatusOr<std::shared_ptr<const ImageDataset>> DatasetCache::Get(const TrialConfig& config) {
  const TrialConfig made_from = DatasetFields(config);
  MutexLock lock(&mutex_);
  return GetLocked(made_from);
}

absl::StatusOr<std::shared_ptr<const ImageDataset>> DatasetCache::GetLocked(
    const TrialConfig& made_from) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Entry& entry) { return entry.made_from == made_from; });
  if (found != entries_.end()) {
    entries_.splice(entries_.begin(), entries_, found);
    return found->dataset;
  }
  absl::StatusOr<ImageDataset> made = Make(made_from);
  if (!made.ok()) return made.status();
  entries_.push_front({made_from, std::make_shared<const ImageDataset>(*std::move(made))});

  int64_t bytes = 0;  // of the entries up to this one
  const auto is_over = [&](const Entry& entry) {
    bytes += entry.dataset->train.bytes() + entry.dataset->test.bytes();
    return bytes > limit_bytes_ && &entry != &entries_.front();
  };
  entries_.erase(std::find_if(entries_.begin(), entries_.end(), is_over), entries_.end());
  return entries_.front().dataset;
}

absl::StatusOr<ImageDataset> DatasetCache::Make(const TrialConfig& made_from) {
  if (!made_from.class_subset.empty() || made_from.input_shift != 0) {
    TrialConfig whole = made_from;
    whole.class_subset.clear();
    whole.input_shift = 0;
    const absl::StatusOr<std::shared_ptr<const ImageDataset>> data = GetLocked(whole);
    if (!data.ok()) return data.status();
    return VariantOf(**data, made_from);
  }
  if (IsGeneratedDataset(made_from.dataset)) return GenerateDataset(made_from);
  absl::StatusOr<ImageDataset> data =
      IsOwnDataset(made_from.dataset)
          ? ReadOwnDataset(made_from.dataset, made_from.data_classes, data_dirs_)
          : ReadImageDataset(made_from.dataset, data_dirs_);
  if (data.ok()) ShareMemory(*data);
  return data;
}

}  // namespace firstguess::trainer
