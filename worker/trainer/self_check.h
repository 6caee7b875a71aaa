#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace firstguess::trainer {

// How far a device's float32 results are from the CPU's in float64, for one quantity: the largest
// difference over the largest value.
struct DeviceError {
  std::string quantity;
  double error = 0;
  double limit = 0;

  bool within() const { return error <= limit; }
};

// Runs a small network forwards and backwards, each loss, each optimizer for a few updates, and the
// probe set's measurements, on `device` in float32 and on the CPU in float64 from the same start,
// on generated inputs. Errors as OpenDevice; Internal when the device fails.
absl::StatusOr<std::vector<DeviceError>> SelfCheck(const std::string& device);

}  // namespace firstguess::trainer
