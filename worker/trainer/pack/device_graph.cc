#include "worker/trainer/pack/device_graph.h"

#include <ATen/DeviceAccelerator.h>
#include <ATen/accelerator/Graph.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <exception>
#include <optional>

namespace firstguess::trainer {
namespace {

class AcceleratorGraph final : public DeviceGraph {
 public:
  explicit AcceleratorGraph(const at::Device& device)
      : device_(device),
        stream_(c10::impl::VirtualGuardImpl(device.type()).getStreamFromGlobalPool(device)) {}

  void Record(const std::function<void()>& work) override {
    graph_.emplace();
    at::accelerator::synchronizeDevice(device_.index());
    {
      // CUDA records no work of the default stream. What is recorded is repeated on any.
      const c10::StreamGuard elsewhere(stream_);
      graph_->capture_begin();
      try {
        work();
      } catch (...) {
        Abandon();
        throw;
      }
      graph_->capture_end();
    }
    graph_->replay();  // recording did nothing yet
  }

  void Replay() override { graph_->replay(); }

 private:
  // A stream that goes on recording could not be used again.
  void Abandon() {
    try {
      graph_->capture_end();
    } catch (const std::exception&) {
      // What ended the work is the error to report.
    }
    graph_.reset();
  }

  const at::Device device_;
  const c10::Stream stream_;
  std::optional<at::accelerator::Graph> graph_;
};

}  // namespace

std::unique_ptr<DeviceGraph> MakeDeviceGraph(const at::Device& device) {
  if (device.is_cpu()) return nullptr;
  return std::make_unique<AcceleratorGraph>(device);
}

}  // namespace firstguess::trainer
