#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace firstguess::trainer {

// The numbers of float32 tensors of any device, one tensor after another, as bytes; and back into
// tensors of the same shapes. Throws c10::Error when `bytes` are more or fewer than these take.
std::string ToBytes(const std::vector<at::Tensor>& tensors);
void FromBytes(const std::string& bytes, const std::vector<at::Tensor>& tensors);

}  // namespace firstguess::trainer
