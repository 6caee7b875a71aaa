#include "worker/trainer/pack_data.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/spec/list_fields.h"
#include "worker/trainer/data/imbalance.h"

namespace firstguess::trainer {

absl::StatusOr<PackData> MakePackData(const TrialConfig& config, DatasetCache& datasets,
                                      const at::Device& device) {
  absl::StatusOr<std::shared_ptr<const ImageDataset>> dataset = datasets.Get(config);
  if (!dataset.ok()) return dataset.status();
  const ImageDataset& data = **dataset;

  std::vector<int64_t> kept = KeptRows(data.train.labels, data.classes, config.class_imbalance);
  if (config.batch_size < 1 || config.batch_size > static_cast<int64_t>(kept.size())) {
    return absl::InvalidArgumentError(absl::StrCat("batch_size ", config.batch_size, " with ",
                                                   kept.size(), " training examples"));
  }
  if (config.probe_size < 1 || config.probe_size > data.test.count()) {
    return absl::InvalidArgumentError(absl::StrCat("probe_size ", config.probe_size, " with ",
                                                   data.test.count(), " test examples"));
  }
  PackData pack;
  pack.dataset = *dataset;
  pack.batches =
      std::make_unique<Batches>(data, std::move(kept), config.batch_size, config.data_seed, device);
  pack.probe = MakeProbeSet(data, config.probe_size, config.data_seed, device);
  if (HasGroup(config, "noise")) pack.noise_probe = MakeNoiseProbe(*pack.batches, config);
  return pack;
}

absl::StatusOr<PackData*> PackDataCache::Get(const TrialConfig& config) {
  TrialConfig made_from = DatasetFields(config);
  made_from.class_imbalance = config.class_imbalance;
  made_from.batch_size = config.batch_size;
  made_from.probe_size = config.probe_size;
  made_from.data_seed = config.data_seed;
  made_from.groups = HasGroup(config, "noise") ? "noise" : "";
  if (latest_.has_value() && made_from == made_from_) return &*latest_;
  latest_.reset();  // before the next is made: there may not be memory for two
  absl::StatusOr<PackData> made = MakePackData(config, datasets_, device_);
  if (!made.ok()) return made.status();
  latest_ = *std::move(made);
  made_from_ = std::move(made_from);
  return &*latest_;
}

}  // namespace firstguess::trainer
