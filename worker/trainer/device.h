#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace firstguess::trainer {

// Where networks are trained.
struct DeviceInfo {
  std::string kind = "cpu";  // "cpu" or "cuda"
  int index = 0;             // which GPU
  std::string name;          // the processor's or the GPU's own name
  int64_t memory_bytes = 0;  // of the machine (or its container) or of the GPU
  bool tf32 = false;         // factors of float32 products are rounded to 10 bits on a GPU

  // What results carry: "cpu", "cuda:0 NVIDIA H100 80GB HBM3".
  std::string ToString() const;
};

// Makes ready the device that `request` names: "cpu", "cuda" (the first GPU), "cuda:N", or "auto"
// (a GPU where one works, else the CPU). The CUDA backend is opened at run time, so that one binary
// serves machines with and without a GPU. It must be opened before any other call into LibTorch,
// which otherwise remembers for good that there is no CUDA: call this first in a process.
//
// Also fixes what results depend on: one thread, deterministic algorithms, and no TF32, neither in
// cuBLAS nor in cuDNN, where LibTorch has it on; with `allow_tf32` a GPU has it in both.
//
// InvalidArgument for another request; Unavailable, saying what is missing, when the device can't
// be used.
absl::StatusOr<DeviceInfo> OpenDevice(const std::string& request, bool allow_tf32 = false);

}  // namespace firstguess::trainer
