#include <c10/util/Exception.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/spec/list_fields.h"
#include "worker/trainer/check_trial.h"
#include "worker/trainer/device.h"
#include "worker/trainer/pack/tile_size.h"
#include "worker/trainer/pack/tiles.h"
#include "worker/trainer/pack/train_tile.h"
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

// Whether trials like this one can go through training as one tile; the others go one by one. The
// same for all trials of a pack.
bool CanPack(const TrialConfig& config) {
  return !HasGroup(config, "layers") && !HasGroup(config, "sharpness");
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
        Guarded([&] { return MakePackData(pack.front().config, datasets_, device_); });
    if (absl::IsInternal(data.status())) return data.status();
    std::vector<const TrialTask*> trials;
    for (const TrialTask& task : pack) {
      absl::Status status = Check(pack.front().config, task.config, data.status());
      if (status.ok()) {
        trials.push_back(&task);
      } else {
        sink.OnFailed(task.trial_id, std::move(status));
      }
    }
    // Networks that clip take another path through an update: in tiles of their own.
    const auto others = std::stable_partition(trials.begin(), trials.end(), [](const auto* task) {
      return task->config.max_grad_norm > 0;
    });
    for (const auto& part :
         {std::vector(trials.begin(), others), std::vector(others, trials.end())}) {
      if (part.empty()) continue;
      if (absl::Status status = TrainInTiles(part, *data, sink, stop); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  std::string device() const override { return info_.ToString(); }
  std::string library() const override { return absl::StrCat("libtorch ", TORCH_VERSION); }

 private:
  absl::Status TrainInTiles(const std::vector<const TrialTask*>& trials, PackData& data,
                            TrialSink& sink, const std::atomic<bool>& stop) const {
    const TrialConfig& shared = trials.front()->config;
    return WorkInTiles(
        trials.size(),
        CanPack(shared) ? TileSize(ShapeOf(shared, *data.dataset), shared, device_.is_cpu()) : 1,
        [&](const std::vector<size_t>& tile, const std::function<void(size_t)>& finished) {
          return Train(trials, tile, data, sink, finished, stop);
        },
        [&](size_t trial, absl::Status error) {
          sink.OnFailed(trials[trial]->trial_id, std::move(error));
        });
  }

  // Exceptions as statuses: ResourceExhausted when memory ran out, Internal for the rest, after
  // which the device is not to be trusted.
  template <typename Work>
  static auto Guarded(Work work) -> decltype(work()) {
    try {
      return work();
    } catch (const std::exception& error) {
      if (IsOutOfMemory(error)) return absl::ResourceExhaustedError(FirstLine(error));
      return absl::InternalError(FirstLine(error));
    }
  }

  // Why a trial can't be trained in the pack of `first`, if it can't.
  static absl::Status Check(const TrialConfig& first, const TrialConfig& config,
                            const absl::Status& data) {
    if (!data.ok()) return data;
    if (absl::Status status = CheckSamePack(first, config); !status.ok()) return status;
    return CheckTrial(config);
  }

  // Trains those of `trials` that `tile` names as one.
  absl::Status Train(const std::vector<const TrialTask*>& trials, const std::vector<size_t>& tile,
                     PackData& data, TrialSink& sink, const std::function<void(size_t)>& finished,
                     const std::atomic<bool>& stop) const {
    std::vector<TrialConfig> configs;
    for (const size_t trial : tile) configs.push_back(trials[trial]->config);
    const auto networks = static_cast<int64_t>(tile.size());
    const auto started = std::chrono::steady_clock::now();
    const auto report = [&](size_t i, Trajectory trajectory) {
      trajectory.device = device();
      trajectory.library = library();
      trajectory.pack_size = networks;
      trajectory.train_seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count() /
          static_cast<double>(networks);
      sink.OnFinished(trials[tile[i]]->trial_id, std::move(trajectory));
      finished(tile[i]);
    };
    if (CanPack(configs.front())) {
      return Guarded([&] { return TrainTile(configs, data, device_, stop, report); });
    }
    absl::StatusOr<Trajectory> trajectory =
        Guarded([&] { return TrainTrial(configs.front(), data, device_, stop); });
    if (trajectory.ok()) report(0, *std::move(trajectory));
    return trajectory.status();
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
