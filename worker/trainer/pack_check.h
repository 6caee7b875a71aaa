#pragma once

#include <c10/core/Device.h>

#include "worker/trainer/device_comparison.h"
#include "worker/trainer/pack/device_graph.h"

namespace firstguess::trainer {

// Compares a pack of one network for each loss on `device` in float32 with one network at a time by
// autograd on the CPU in float64: gradients for each activation and normalisation, parameters after
// a few updates by each optimizer; with a `graph` of the device, also when it repeats the updates.
void CheckPacks(const at::Device& device, DeviceGraph* graph, DeviceComparison& comparison);

}  // namespace firstguess::trainer
