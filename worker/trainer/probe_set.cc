#include "worker/trainer/probe_set.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/randperm.h>

#include "absl/strings/str_cat.h"
#include "worker/trainer/random.h"

namespace firstguess::trainer {

ProbeSet MakeProbeSet(const ImageDataset& data, int64_t probe_size, int64_t data_seed,
                      const at::Device& device) {
  const at::Tensor rows = at::randperm(
      data.test.count(), StreamGenerator(absl::StrCat("probe/", data_seed)), at::kLong);
  const auto* row = rows.const_data_ptr<int64_t>();
  at::Tensor inputs = at::empty({probe_size, data.test.inputs}, at::kFloat);
  FillInputs(data.test, data.table, row, probe_size, inputs.mutable_data_ptr<float>());
  at::Tensor labels = at::empty({probe_size}, at::kLong);
  auto* label = labels.mutable_data_ptr<int64_t>();
  for (int64_t i = 0; i < probe_size; ++i) {
    label[i] = data.test.labels[static_cast<size_t>(row[i])];
  }
  return {inputs.to(device), labels};
}

}  // namespace firstguess::trainer
