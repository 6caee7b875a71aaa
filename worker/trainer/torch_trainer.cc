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
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "common/log.h"
#include "common/spec/fields.h"
#include "worker/trainer/check_trial.h"
#include "worker/trainer/device.h"
#include "worker/trainer/init_condition.h"
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

class TorchTrainer final : public PackTrainer {
 public:
  TorchTrainer(DeviceInfo info, std::vector<std::string> data_dirs)
      : info_(std::move(info)),
        device_(info_.kind == "cuda"
                    ? at::Device(at::kCUDA, static_cast<at::DeviceIndex>(info_.index))
                    : at::Device(at::kCPU)),
        data_(std::move(data_dirs), device_) {}

  absl::Status Train(const std::vector<TrialTask>& pack, TrialSink& sink,
                     const std::atomic<bool>& stop) override {
    if (pack.empty()) return absl::OkStatus();
    times_ = {};
    const absl::Status status = TrainAll(pack, sink, stop);
    if (times_.trials > 0) {
      Log(LogLevel::kInfo, "trained a pack",
          {{"trials", times_.trials},
           {"seconds", times_.train_seconds},
           {"probing",
            absl::StrFormat("%.0f %%", 100 * times_.probe_seconds / times_.train_seconds)}});
    }
    return status;
  }

  absl::Status CheckShape(const TrialConfig& config) const override {
    const absl::Status status = trainer::CheckShape(config);
    return status.ok() ? status : absl::UnimplementedError(status.message());
  }

  void Prepare(const TrialConfig& config) override {
    Guarded([&] {
      data_.Prepare(config);
      return absl::OkStatus();
    }).IgnoreError();  // the pack will meet the same, and say so
  }

  std::chrono::duration<double> time_in_training() const override { return time_in_training_; }
  std::string device() const override { return info_.ToString(); }
  std::string library() const override {
    return absl::StrCat("libtorch ", TORCH_VERSION, info_.tf32 ? " tf32" : "");
  }

 private:
  // A trial with the draw of its initial weights (init_condition.h).
  struct Drawn {
    const TrialTask* task;
    int64_t draw;
  };

  // What the trials of a pack took that were trained.
  struct Times {
    int64_t trials = 0;
    double train_seconds = 0;
    double probe_seconds = 0;
  };

  absl::Status TrainAll(const std::vector<TrialTask>& pack, TrialSink& sink,
                        const std::atomic<bool>& stop) {
    const absl::StatusOr<PackData*> data = Guarded([&] { return data_.Get(pack.front().config); });
    if (absl::IsInternal(data.status())) return data.status();
    std::vector<Drawn> trials;
    for (const TrialTask& task : pack) {
      const absl::StatusOr<int64_t> draw =
          CheckAndDraw(pack.front().config, task.config, data, stop);
      if (draw.ok()) {
        trials.push_back({&task, *draw});
      } else if (absl::IsCancelled(draw.status()) || absl::IsInternal(draw.status())) {
        return draw.status();
      } else {
        sink.OnFailed(task.trial_id, draw.status());
      }
    }
    const auto packed = std::stable_partition(trials.begin(), trials.end(), [](const Drawn& trial) {
      return !CanPack(trial.task->config);
    });
    for (const Drawn& trial : std::vector(trials.begin(), packed)) {
      if (absl::Status status = TrainAlone(trial, **data, sink, stop); !status.ok()) return status;
    }
    // Networks that clip take another path through an update: in tiles of their own.
    const auto others = std::stable_partition(packed, trials.end(), [](const Drawn& trial) {
      return trial.task->config.max_grad_norm > 0;
    });
    for (const auto& part : {std::vector(packed, others), std::vector(others, trials.end())}) {
      if (part.empty()) continue;
      if (absl::Status status = TrainInTiles(part, **data, sink, stop); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status TrainInTiles(const std::vector<Drawn>& trials, PackData& data, TrialSink& sink,
                            const std::atomic<bool>& stop) {
    const TrialConfig& shared = trials.front().task->config;
    return WorkInTiles(
        trials.size(), TileSize(ShapeOf(shared, *data.dataset), shared, device_.is_cpu()),
        [&](const std::vector<size_t>& tile, const std::function<void(size_t)>& finished) {
          return Train(trials, tile, data, sink, finished, stop);
        },
        [&](size_t trial, absl::Status error) {
          sink.OnFailed(trials[trial].task->trial_id, std::move(error));
        });
  }

  // Without memory for it the trial fails, and the next one may do.
  absl::Status TrainAlone(const Drawn& trial, PackData& data, TrialSink& sink,
                          const std::atomic<bool>& stop) {
    const auto started = std::chrono::steady_clock::now();
    absl::StatusOr<Trajectory> trajectory =
        Guarded([&] { return TrainTrial(trial.task->config, trial.draw, data, device_, stop); });
    time_in_training_ += std::chrono::steady_clock::now() - started;
    if (absl::IsResourceExhausted(trajectory.status())) {
      sink.OnFailed(trial.task->trial_id, trajectory.status());
      return absl::OkStatus();
    }
    if (!trajectory.ok()) return trajectory.status();
    Report(trial, *std::move(trajectory), /*networks=*/1, started, sink);
    return absl::OkStatus();
  }

  // `networks` were trained together since `started`.
  void Report(const Drawn& trial, Trajectory trajectory, int64_t networks,
              std::chrono::steady_clock::time_point started, TrialSink& sink) {
    trajectory.device = device();
    trajectory.library = library();
    trajectory.pack_size = networks;
    if (HasInitCondition(trial.task->config)) trajectory.init_try = trial.draw;
    trajectory.train_seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count() /
        static_cast<double>(networks);
    ++times_.trials;
    times_.train_seconds += trajectory.train_seconds;
    times_.probe_seconds += trajectory.probe_seconds;
    sink.OnFinished(trial.task->trial_id, std::move(trajectory));
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

  // The draw of a trial's initial weights, or why it can't be trained in the pack of `first`.
  absl::StatusOr<int64_t> CheckAndDraw(const TrialConfig& first, const TrialConfig& config,
                                       const absl::StatusOr<PackData*>& data,
                                       const std::atomic<bool>& stop) const {
    if (!data.ok()) return data.status();
    if (absl::Status status = CheckSamePack(first, config); !status.ok()) return status;
    if (absl::Status status = CheckTrial(config, *(*data)->dataset); !status.ok()) return status;
    return Guarded([&] { return FindDraw(config, **data, device_, stop); });
  }

  // Trains those of `trials` that `tile` names as one.
  absl::Status Train(const std::vector<Drawn>& trials, const std::vector<size_t>& tile,
                     PackData& data, TrialSink& sink, const std::function<void(size_t)>& finished,
                     const std::atomic<bool>& stop) {
    std::vector<TrialConfig> configs;
    std::vector<int64_t> draws;
    for (const size_t trial : tile) {
      configs.push_back(trials[trial].task->config);
      draws.push_back(trials[trial].draw);
    }
    const auto networks = static_cast<int64_t>(tile.size());
    const auto started = std::chrono::steady_clock::now();
    const auto report = [&](size_t i, Trajectory trajectory) {
      Report(trials[tile[i]], std::move(trajectory), networks, started, sink);
      finished(tile[i]);
    };
    const absl::Status trained =
        Guarded([&] { return TrainTile(configs, draws, data, device_, stop, report); });
    time_in_training_ += std::chrono::steady_clock::now() - started;
    return trained;
  }

  const DeviceInfo info_;
  const at::Device device_;
  PackDataCache data_;
  std::chrono::duration<double> time_in_training_{0};
  Times times_;  // of the pack in progress, or the last one
};

}  // namespace

absl::StatusOr<std::unique_ptr<PackTrainer>> MakeTorchTrainer(const TrainerOptions& options) {
  absl::StatusOr<DeviceInfo> device = OpenDevice(options.device, options.allow_tf32);
  if (!device.ok()) return device.status();
  return std::make_unique<TorchTrainer>(*std::move(device), options.data_dirs);
}

}  // namespace firstguess::trainer
