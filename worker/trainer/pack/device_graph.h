#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

namespace firstguess::trainer {

// Work that a device records once and then repeats without being asked for each operation: the same
// operations with the same numbers, on the memory that they had when they were recorded. A GPU's
// graph; tests have one that does as much on a CPU. Thread-bound.
class DeviceGraph {
 public:
  virtual ~DeviceGraph() = default;

  // Does `work` and keeps it in place of what was recorded before. Nothing in it may wait for the
  // device or copy from the host. LibTorch's exceptions pass through; nothing is recorded then.
  virtual void Record(const std::function<void()>& work) = 0;
  // REQUIRES: something is recorded.
  virtual void Replay() = 0;
};

// Null for a device that has none: a CPU.
std::unique_ptr<DeviceGraph> MakeDeviceGraph(const at::Device& device);

}  // namespace firstguess::trainer
