#include "worker/trainer/pack_file.h"

#include <atomic>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "worker/trainer/same_pack.h"

namespace firstguess::trainer {
namespace {

using Json = nlohmann::ordered_json;

// NaN becomes null.
Json SnapshotJson(int64_t trial, const Snapshot& snapshot) {
  return {{"trial", trial},
          {"step", snapshot.step},
          {"epoch", snapshot.epoch},
          {"train_loss", snapshot.train_loss},
          {"grad_norm", snapshot.grad_norm},
          {"probe_loss", snapshot.probe_loss},
          {"probe_cross_entropy", snapshot.probe_cross_entropy},
          {"accuracy", snapshot.accuracy},
          {"max_guess", snapshot.max_guess},
          {"guess_entropy", snapshot.guess_entropy},
          {"prob_entropy", snapshot.prob_entropy},
          {"mean_weight", snapshot.mean_weight},
          {"kept_fraction", snapshot.kept_fraction},
          {"tied_fraction", snapshot.tied_fraction},
          {"guess_count", snapshot.guess_count},
          {"correct_count", snapshot.correct_count},
          {"mean_prob", snapshot.mean_prob},
          {"class_loss", snapshot.class_loss},
          {"drift", snapshot.drift}};
}

class Printer final : public TrialSink {
 public:
  explicit Printer(const std::vector<TrialTask>& tasks) : tasks_(tasks) {}

  void OnFinished(int64_t trial, Trajectory trajectory) override {
    for (const Snapshot& snapshot : trajectory.snapshots) Print(SnapshotJson(trial, snapshot));
    Json end = {{"trial", trial}, {"key", Key(trial)}, {"diverged_at_step", nullptr}};
    if (trajectory.diverged_at_step >= 0) end["diverged_at_step"] = trajectory.diverged_at_step;
    end["support"] = trajectory.support;
    end["initial_rank"] = trajectory.initial_rank;
    end["device"] = trajectory.device;
    end["library"] = trajectory.library;
    end["pack_size"] = trajectory.pack_size;
    end["train_seconds"] = trajectory.train_seconds;
    if (trajectory.init_try > 0) end["init_try"] = trajectory.init_try;
    Print(end);
  }

  void OnFailed(int64_t trial, absl::Status error) override {
    ++failed_;
    Print({{"trial", trial}, {"key", Key(trial)}, {"error", std::string(error.message())}});
  }

  int failed() const { return failed_; }

 private:
  std::string Key(int64_t trial) const {
    return TrialKey(tasks_[static_cast<size_t>(trial)].config);
  }
  static void Print(const Json& line) { std::cout << line.dump() << std::endl; }

  const std::vector<TrialTask>& tasks_;
  int failed_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<TrialTask>> ReadPackFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) return absl::NotFoundError(absl::StrCat(path, ": can't be opened"));
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const nlohmann::json list = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!list.is_array()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": not a JSON list of trials"));
  }
  std::vector<TrialTask> tasks;
  for (const nlohmann::json& entry : list) {
    absl::StatusOr<TrialConfig> config = TrialConfigFromJson(entry.dump());
    if (!config.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": entry ", tasks.size(), ": ", config.status().message()));
    }
    tasks.push_back({static_cast<int64_t>(tasks.size()), *std::move(config)});
  }
  return tasks;
}

absl::StatusOr<int> TrainAndPrint(const std::vector<TrialTask>& tasks, PackTrainer& trainer) {
  Printer printer(tasks);
  const std::atomic<bool> stop{false};
  for (auto first = tasks.begin(); first != tasks.end();) {
    auto last = first + 1;
    while (last != tasks.end() && CheckSamePack(first->config, last->config).ok()) ++last;
    if (absl::Status status = trainer.Train({first, last}, printer, stop); !status.ok()) {
      return status;
    }
    first = last;
  }
  return printer.failed();
}

}  // namespace firstguess::trainer
