#include "worker/trainer/device_comparison.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace firstguess::trainer {
namespace {

at::Tensor ToTensor(const std::vector<double>& values) {
  at::Tensor tensor = at::empty({static_cast<int64_t>(values.size())}, at::kDouble);
  std::copy(values.begin(), values.end(), tensor.mutable_data_ptr<double>());
  return tensor;
}

}  // namespace

void DeviceComparison::Add(std::string quantity, const at::Tensor& got,
                           const at::Tensor& expected) {
  AddAll(std::move(quantity), {got}, {expected});
}

void DeviceComparison::Add(std::string quantity, const std::vector<double>& got,
                           const std::vector<double>& expected) {
  Add(std::move(quantity), ToTensor(got), ToTensor(expected));
}

void DeviceComparison::AddAll(std::string quantity, const std::vector<at::Tensor>& got,
                              const std::vector<at::Tensor>& expected) {
  std::vector<at::Tensor> parts;
  for (size_t i = 0; i < got.size(); ++i) {
    const at::Tensor exact = expected[i].to(at::kCPU, at::kDouble);
    // Of what is 0 throughout, only 0 is near.
    const double scale =
        std::max(exact.abs().max().item<double>(), std::numeric_limits<double>::min());
    parts.push_back(got[i].to(at::kCPU, at::kDouble).sub(exact).abs().div(scale).flatten());
  }
  // What is not a number comes last.
  const at::Tensor errors = std::get<0>(at::cat(parts).sort());
  const auto quantile = [&](double share) {
    const auto last = static_cast<double>(errors.size(0) - 1);
    return errors[static_cast<int64_t>(std::ceil(share * last))].item<double>();
  };
  errors_.push_back({std::move(quantity), quantile(0.5), quantile(0.99), quantile(1), kLimit});
}

}  // namespace firstguess::trainer
