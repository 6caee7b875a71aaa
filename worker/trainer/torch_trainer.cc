#include <c10/util/Exception.h>
#include <torch/headeronly/version.h>

#include <chrono>
#include <exception>
#include <memory>
#include <new>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "worker/trainer/device.h"
#include "worker/trainer/pack_data.h"
#include "worker/trainer/same_pack.h"
#include "worker/trainer/train_trial.h"
#include "worker/trainer/trainer.h"

namespace firstguess::trainer {
namespace {

// LibTorch's exceptions carry a stack trace below their first line.
std::string FirstLine(const std::exception& error) {
  absl::string_view text = error.what();
  return std::string(text.substr(0, text.find('\n')));
}

bool IsOutOfMemory(const std::exception& error) {
  // The CPU's allocator throws a general error; its text says how many bytes it was asked for.
  return dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr ||
         dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
         absl::StrContains(error.what(), "can't allocate memory");
}

class TorchTrainer final : public PackTrainer {
 public:
  TorchTrainer(DeviceInfo info, std::vector<std::string> data_dirs)
      : info_(std::move(info)),
        device_(info_.kind == "cuda"
                    ? at::Device(at::kCUDA, static_cast<at::DeviceIndex>(info_.index))
                    : at::Device(at::kCPU)),
        datasets_(std::move(data_dirs)) {}

  absl::Status Train(const std::vector<TrialTask>& pack, TrialSink& sink,
                     const std::atomic<bool>& stop) override {
    if (pack.empty()) return absl::OkStatus();
    absl::StatusOr<PackData> data =
        Guarded<PackData>([&] { return MakePackData(pack.front().config, datasets_, device_); });
    for (const TrialTask& task : pack) {
      absl::StatusOr<Trajectory> trajectory = Guarded<Trajectory>(
          [&] { return TrainOne(pack.front().config, task.config, data, stop); });
      if (trajectory.ok()) {
        sink.OnFinished(task.trial_id, *std::move(trajectory));
      } else if (absl::IsCancelled(trajectory.status()) || absl::IsInternal(trajectory.status())) {
        return trajectory.status();
      } else {
        sink.OnFailed(task.trial_id, trajectory.status());
      }
    }
    return absl::OkStatus();
  }

  std::string device() const override { return info_.ToString(); }
  std::string library() const override { return absl::StrCat("libtorch ", TORCH_VERSION); }

 private:
  // Exceptions as statuses: ResourceExhausted when memory ran out, Internal for the rest, after
  // which the device is not to be trusted.
  template <typename Result, typename Work>
  static absl::StatusOr<Result> Guarded(Work work) {
    try {
      return work();
    } catch (const std::exception& error) {
      if (IsOutOfMemory(error)) return absl::ResourceExhaustedError(FirstLine(error));
      return absl::InternalError(FirstLine(error));
    }
  }

  absl::StatusOr<Trajectory> TrainOne(const TrialConfig& first, const TrialConfig& config,
                                      absl::StatusOr<PackData>& data,
                                      const std::atomic<bool>& stop) const {
    if (!data.ok()) return data.status();
    if (absl::Status status = CheckSamePack(first, config); !status.ok()) return status;
    const auto started = std::chrono::steady_clock::now();
    absl::StatusOr<Trajectory> trajectory = TrainTrial(config, *data, device_, stop);
    if (!trajectory.ok()) return trajectory.status();
    trajectory->device = device();
    trajectory->library = library();
    trajectory->pack_size = 1;
    trajectory->train_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    return trajectory;
  }

  const DeviceInfo info_;
  const at::Device device_;
  DatasetCache datasets_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PackTrainer>> MakeTorchTrainer(const TrainerOptions& options) {
  absl::StatusOr<DeviceInfo> device = OpenDevice(options.device);
  if (!device.ok()) return device.status();
  return std::make_unique<TorchTrainer>(*std::move(device), options.data_dirs);
}

}  // namespace firstguess::trainer
