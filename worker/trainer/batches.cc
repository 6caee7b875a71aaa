#include "worker/trainer/batches.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/randperm.h>
#include <c10/core/InferenceMode.h>

#include "absl/strings/str_cat.h"
#include "worker/trainer/random.h"

namespace firstguess::trainer {

Batches::Batches(const ImageDataset& data, std::vector<int64_t> kept, int64_t batch_size,
                 int64_t data_seed, const at::Device& device, int64_t cache_bytes)
    : data_(data),
      kept_(std::move(kept)),
      batch_size_(batch_size),
      data_seed_(data_seed),
      device_(device),
      updates_per_epoch_(static_cast<int64_t>(kept_.size()) / batch_size),
      cache_limit_(static_cast<size_t>(
          cache_bytes / (batch_size * data.train.inputs * static_cast<int64_t>(sizeof(float))))),
      examples_(device.is_cpu() ? std::nullopt : DeviceExamples::Make(data, kept_, device)) {}

at::Tensor Batches::Labels() const {
  at::Tensor labels = at::empty({static_cast<int64_t>(kept_.size())}, at::kLong);
  auto* label = labels.mutable_data_ptr<int64_t>();
  for (const int64_t row : kept_) *label++ = data_.train.labels[static_cast<size_t>(row)];
  return labels;
}

const at::Tensor& Batches::Permutation(int64_t epoch) {
  if (epoch != epoch_) {
    permutation_ =
        at::randperm(static_cast<int64_t>(kept_.size()),
                     StreamGenerator(absl::StrCat("batches/", data_seed_, "/", epoch)), at::kLong);
    epoch_ = epoch;
  }
  return permutation_;
}

at::Tensor Batches::Inputs(const at::Tensor& rows) const {
  const int64_t count = rows.size(0);
  std::vector<int64_t> data_rows(static_cast<size_t>(count));
  const auto* row = rows.const_data_ptr<int64_t>();
  for (size_t i = 0; i < data_rows.size(); ++i) data_rows[i] = kept_[static_cast<size_t>(row[i])];
  const at::Tensor inputs = at::empty({count, data_.train.inputs}, at::kFloat);
  FillInputs(data_.train, data_.table, data_rows.data(), count, inputs.mutable_data_ptr<float>());
  return inputs.to(device_);
}

Batch Batches::Get(int64_t update) {
  // Kept for networks that autograd trains, whoever asks first.
  const c10::InferenceMode autograd_may_use_it(false);
  const auto index = static_cast<size_t>(update - 1);
  if (index < cache_.size()) return cache_[index];

  const int64_t slice = (update - 1) % updates_per_epoch_;
  const at::Tensor rows = Permutation((update - 1) / updates_per_epoch_)
                              .narrow(0, slice * batch_size_, batch_size_)
                              .clone();
  Batch batch{rows.to(device_), {}};
  batch.inputs = examples_.has_value() ? examples_->Inputs(batch.rows) : Inputs(rows);
  if (index == cache_.size() && index < cache_limit_) cache_.push_back(batch);
  return batch;
}

}  // namespace firstguess::trainer
