#include "worker/trainer/device_examples.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/take.h>

#include <algorithm>

namespace firstguess::trainer {
namespace {

// The rows `kept` of `values`, [kept, inputs].
template <typename T>
at::Tensor Kept(const std::vector<T>& values, int64_t inputs, const std::vector<int64_t>& kept,
                at::ScalarType type) {
  at::Tensor rows = at::empty({static_cast<int64_t>(kept.size()), inputs}, type);
  T* out = rows.mutable_data_ptr<T>();
  for (const int64_t row : kept) out = std::copy_n(values.data() + row * inputs, inputs, out);
  return rows;
}

}  // namespace

std::optional<DeviceExamples> DeviceExamples::Make(const ImageDataset& data,
                                                   const std::vector<int64_t>& kept,
                                                   const at::Device& device, int64_t max_bytes) {
  const int64_t element = data.train.values.empty() ? 1 : sizeof(float);
  if (static_cast<int64_t>(kept.size()) * data.train.inputs * element > max_bytes) {
    return std::nullopt;
  }
  return DeviceExamples(data, kept, device);
}

DeviceExamples::DeviceExamples(const ImageDataset& data, const std::vector<int64_t>& kept,
                               const at::Device& device) {
  const LabelledImages& images = data.train;
  if (!images.values.empty()) {
    examples_ = Kept(images.values, images.inputs, kept, at::kFloat).to(device);
    return;
  }
  examples_ = Kept(images.pixels, images.inputs, kept, at::kByte).to(device);
  const auto channels = static_cast<int64_t>(data.table.size());
  at::Tensor table = at::empty({channels * 256}, at::kFloat);
  float* out = table.mutable_data_ptr<float>();
  for (const std::array<float, 256>& values : data.table) {
    out = std::copy(values.begin(), values.end(), out);
  }
  table_ = table.to(device);
  channel_ = at::arange(images.inputs, at::kLong)
                 .floor_divide_(images.inputs / channels)
                 .mul_(256)
                 .to(device);
}

at::Tensor DeviceExamples::Inputs(const at::Tensor& rows) const {
  const at::Tensor examples = at::index_select(examples_, 0, rows);
  if (!table_.defined()) return examples;
  return at::take(table_, examples.to(at::kLong).add_(channel_));
}

}  // namespace firstguess::trainer
