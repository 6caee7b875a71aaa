#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "worker/trainer/data/images.h"

namespace firstguess::trainer {

// Training examples in a device's own memory, from which batches are gathered there: of the host,
// a batch needs its row numbers alone. Pixels stay bytes there too. Immutable; thread-compatible.
class DeviceExamples {
 public:
  // As many bytes as examples may take there; small beside the memory of any GPU.
  static constexpr int64_t kMaxBytes = int64_t{2} << 30;

  // The rows `kept` of data.train. Nothing if they take more than `max_bytes`.
  static std::optional<DeviceExamples> Make(const ImageDataset& data,
                                            const std::vector<int64_t>& kept,
                                            const at::Device& device,
                                            int64_t max_bytes = kMaxBytes);

  // Inputs of the kept examples `rows` (int64 [n], on the device), float32 [n, inputs] there: equal
  // to the bit to FillInputs'.
  at::Tensor Inputs(const at::Tensor& rows) const;

 private:
  DeviceExamples(const ImageDataset& data, const std::vector<int64_t>& kept,
                 const at::Device& device);

  at::Tensor examples_;  // [kept, inputs]: uint8 pixels, or float32
  at::Tensor table_;     // float32 [channels * 256]; undefined for floats
  at::Tensor channel_;   // int64 [inputs]: where its channel's part of the table begins
};

}  // namespace firstguess::trainer
