#include <c10/util/Exception.h>
#include <torch/headeronly/version.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "common/log.h"
#include "common/spec/fields.h"
#include "worker/trainer/check_trial.h"
#include "worker/trainer/checkpoint/checkpoint_writer.h"
#include "worker/trainer/device.h"
#include "worker/trainer/init_condition.h"
#include "worker/trainer/pack/device_graph.h"
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

// For people; a std::bad_alloc says nothing.
std::string InWords(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) == nullptr) return FirstLine(error);
  return "memory ran out outside of the networks, as for reading data: give the trainer more";
}

bool IsOutOfMemory(const std::exception& error) {
  // The CPU's allocator throws a general error; its text says how many bytes it was asked for.
  return dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr ||
         dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
         absl::StrContains(error.what(), "can't allocate memory");
}

class TorchTrainer final : public PackTrainer {
 public:
  TorchTrainer(DeviceInfo info, const TrainerOptions& options)
      : info_(std::move(info)),
        device_(info_.kind == "cuda"
                    ? at::Device(at::kCUDA, static_cast<at::DeviceIndex>(info_.index))
                    : at::Device(at::kCPU)),
        data_(options.data_dirs, device_),
        graph_(options.graphs ? MakeDeviceGraph(device_) : nullptr) {
    if (options.checkpoints.folder.empty()) return;
    checkpoints_.emplace(options.checkpoints,
                         absl::StrCat(library(), ", ", info_.kind, " ", info_.name));
    checkpoints_->RemoveOld(options.checkpoints.clock->WallNow());
  }

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
  // A trial with the draw of its initial weights (init_condition.h), and where it goes on.
  struct Drawn {
    const TrialTask* task;
    int64_t draw = 1;
    std::shared_ptr<const Checkpoint> start = {};  // null: from the beginning
    bool has_checkpoint = false;                   // be it of no use

    int64_t step() const { return start == nullptr ? 0 : start->step; }
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
      const absl::StatusOr<Drawn> drawn = CheckAndDraw(pack.front().config, task, data, stop);
      if (drawn.ok()) {
        trials.push_back(*drawn);
      } else if (absl::IsCancelled(drawn.status()) || absl::IsInternal(drawn.status())) {
        return drawn.status();
      } else {
        sink.OnFailed(task.trial_id, drawn.status());
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
      if (part.empty()) continue;  // all of them, perhaps, for want of data
      if (absl::Status status = TrainByStep(part, **data, sink, stop); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // A tile begins at one step.
  absl::Status TrainByStep(const std::vector<Drawn>& trials, PackData& data, TrialSink& sink,
                           const std::atomic<bool>& stop) {
    std::map<int64_t, std::vector<Drawn>> by_step;
    for (const Drawn& trial : trials) by_step[trial.step()].push_back(trial);
    for (const auto& [step, group] : by_step) {
      if (absl::Status status = TrainInTiles(group, data, sink, stop); !status.ok()) return status;
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
    std::optional<CheckpointWriter> writer = MakeWriter({trial});
    absl::StatusOr<Trajectory> trajectory = Guarded([&] {
      return TrainTrial(trial.task->config, trial.draw, data, device_, stop, trial.start.get(),
                        writer.has_value() ? &*writer : nullptr);
    });
    time_in_training_ += std::chrono::steady_clock::now() - started;
    if (absl::IsResourceExhausted(trajectory.status())) {
      sink.OnFailed(trial.task->trial_id, trajectory.status());
      return absl::OkStatus();
    }
    if (!trajectory.ok()) return trajectory.status();
    if (trial.has_checkpoint || (writer.has_value() && writer->has_saved(0))) {
      trajectory->checkpoint = checkpoints_->PathOf(trial.task->config);
    }
    Report(trial, *std::move(trajectory), /*networks=*/1, started, sink);
    return absl::OkStatus();
  }

  // Of trials that begin now, together; nothing without checkpoints.
  std::optional<CheckpointWriter> MakeWriter(const std::vector<Drawn>& trials) {
    if (!checkpoints_.has_value()) return std::nullopt;
    std::vector<CheckpointWriter::Trial> written;
    for (const Drawn& trial : trials) written.push_back({&trial.task->config, trial.draw});
    return CheckpointWriter(*checkpoints_, std::move(written), trials.front().step());
  }

  // `networks` were trained together since `started`.
  void Report(const Drawn& trial, Trajectory trajectory, int64_t networks,
              std::chrono::steady_clock::time_point started, TrialSink& sink) {
    trajectory.device = device();
    trajectory.library = library();
    trajectory.pack_size = networks;
    if (HasInitCondition(trial.task->config)) trajectory.init_try = trial.draw;
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count() /
        static_cast<double>(networks);
    trajectory.train_seconds += seconds;  // to those before its checkpoint
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
      if (IsOutOfMemory(error)) return absl::ResourceExhaustedError(InWords(error));
      return absl::InternalError(FirstLine(error));
    }
  }

  // Where a trial begins, or why it can't be trained in the pack of `first`.
  absl::StatusOr<Drawn> CheckAndDraw(const TrialConfig& first, const TrialTask& task,
                                     const absl::StatusOr<PackData*>& data,
                                     const std::atomic<bool>& stop) const {
    const TrialConfig& config = task.config;
    if (!data.ok()) return data.status();
    if (absl::Status status = CheckSamePack(first, config); !status.ok()) return status;
    if (absl::Status status = CheckTrial(config, *(*data)->dataset); !status.ok()) return status;
    Drawn drawn{.task = &task};
    if (checkpoints_.has_value()) {
      absl::StatusOr<Checkpoint> start = checkpoints_->Load(config);
      drawn.has_checkpoint = !absl::IsNotFound(start.status());
      if (start.ok()) {
        drawn.draw = start->draw;
        drawn.start = std::make_shared<const Checkpoint>(*std::move(start));
        return drawn;
      }
    }
    const absl::StatusOr<int64_t> draw =
        Guarded([&] { return FindDraw(config, **data, device_, stop); });
    if (!draw.ok()) return draw.status();
    drawn.draw = *draw;
    return drawn;
  }

  // Trains those of `trials` that `tile` names as one.
  absl::Status Train(const std::vector<Drawn>& trials, const std::vector<size_t>& tile,
                     PackData& data, TrialSink& sink, const std::function<void(size_t)>& finished,
                     const std::atomic<bool>& stop) {
    std::vector<TrialConfig> configs;
    std::vector<int64_t> draws;
    std::vector<Drawn> together;
    std::vector<const Checkpoint*> starts;  // all or none
    for (const size_t trial : tile) {
      together.push_back(trials[trial]);
      configs.push_back(together.back().task->config);
      draws.push_back(together.back().draw);
      if (together.back().start != nullptr) starts.push_back(together.back().start.get());
    }
    const auto networks = static_cast<int64_t>(tile.size());
    const auto started = std::chrono::steady_clock::now();
    std::optional<CheckpointWriter> writer = MakeWriter(together);
    const auto report = [&](size_t i, Trajectory trajectory) {
      if (together[i].has_checkpoint || (writer.has_value() && writer->has_saved(i))) {
        trajectory.checkpoint = checkpoints_->PathOf(configs[i]);
      }
      Report(trials[tile[i]], std::move(trajectory), networks, started, sink);
      finished(tile[i]);
    };
    const absl::Status trained = Guarded([&] {
      return TrainTile(configs, draws, data, device_, stop, report, starts,
                       writer.has_value() ? &*writer : nullptr, graph_.get());
    });
    time_in_training_ += std::chrono::steady_clock::now() - started;
    return trained;
  }

  const DeviceInfo info_;
  const at::Device device_;
  PackDataCache data_;
  const std::unique_ptr<DeviceGraph> graph_;  // null: none
  std::optional<CheckpointFolder> checkpoints_;
  std::chrono::duration<double> time_in_training_{0};
  Times times_;  // of the pack in progress, or the last one
};

}  // namespace

std::unique_ptr<PackTrainer> MakeTorchTrainer(DeviceInfo device, const TrainerOptions& options) {
  return std::make_unique<TorchTrainer>(std::move(device), options);
}

absl::StatusOr<std::unique_ptr<PackTrainer>> MakeTorchTrainer(const TrainerOptions& options) {
  absl::StatusOr<DeviceInfo> device = OpenDevice(options.device, options.allow_tf32);
  if (!device.ok()) return device.status();
  return MakeTorchTrainer(*std::move(device), options);
}

}  // namespace firstguess::trainer
