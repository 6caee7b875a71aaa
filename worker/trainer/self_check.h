#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "worker/trainer/device_comparison.h"
#include "worker/trainer/trainer.h"

namespace firstguess::trainer {

// Runs a small network forwards and backwards, each loss, each optimizer for a few updates, and the
// probe set's measurements, on a device in float32 and on the CPU in float64 from the same start,
// on generated inputs; then packs (pack_check.h). Errors as OpenDevice; Internal when the device
// fails.
absl::StatusOr<std::vector<DeviceError>> SelfCheck(const TrainerOptions& options);

}  // namespace firstguess::trainer
