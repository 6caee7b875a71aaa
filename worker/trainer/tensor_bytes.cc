#include "worker/trainer/tensor_bytes.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <c10/util/Exception.h>

#include <cstring>

namespace firstguess::trainer {
namespace {

size_t BytesOf(const at::Tensor& tensor) {
  TORCH_CHECK(tensor.scalar_type() == at::kFloat, "checkpoints hold float32 alone");
  return static_cast<size_t>(tensor.numel()) * sizeof(float);
}

}  // namespace

std::string ToBytes(const std::vector<at::Tensor>& tensors) {
  std::string bytes;
  for (const at::Tensor& tensor : tensors) {
    const at::Tensor host = tensor.detach().to(at::kCPU).contiguous();
    bytes.append(static_cast<const char*>(host.const_data_ptr()), BytesOf(host));
  }
  return bytes;
}

void FromBytes(const std::string& bytes, const std::vector<at::Tensor>& tensors) {
  const at::NoGradGuard no_grad;
  size_t total = 0;
  for (const at::Tensor& tensor : tensors) total += BytesOf(tensor);
  TORCH_CHECK(total == bytes.size(), "a checkpoint has ", bytes.size(), " bytes for tensors of ",
              total);
  const char* from = bytes.data();
  for (const at::Tensor& tensor : tensors) {
    const at::Tensor host = at::empty(tensor.sizes(), at::kFloat);
    std::memcpy(host.mutable_data_ptr(), from, BytesOf(host));
    tensor.copy_(host);
    from += BytesOf(host);
  }
}

}  // namespace firstguess::trainer
