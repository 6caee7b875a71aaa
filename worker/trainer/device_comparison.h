#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

namespace firstguess::trainer {

// How far a device's float32 results are from the CPU's in float64, for one quantity: quantiles of
// the differences of its elements, each over the largest value of its tensor.
struct DeviceError {
  std::string quantity;
  double median = 0;
  double q99 = 0;
  double largest = 0;
  double limit = 0;  // of the largest

  bool within() const { return largest <= limit; }  // not if it is not a number
};

// Collects them. Thread-compatible.
class DeviceComparison {
 public:
  // Float32 carries 7 digits; a few layers and updates may lose three.
  static constexpr double kLimit = 1e-4;

  void Add(std::string quantity, const at::Tensor& got, const at::Tensor& expected);
  void Add(std::string quantity, const std::vector<double>& got,
           const std::vector<double>& expected);
  // Several tensors of one quantity, such as those of the networks of a pack.
  void AddAll(std::string quantity, const std::vector<at::Tensor>& got,
              const std::vector<at::Tensor>& expected);

  std::vector<DeviceError> Take() { return std::move(errors_); }

 private:
  std::vector<DeviceError> errors_;
};

}  // namespace firstguess::trainer
