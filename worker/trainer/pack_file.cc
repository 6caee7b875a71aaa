#include "worker/trainer/pack_file.h"

#include <atomic>
#include <cstdint>
#include <cstdio>
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

// The groups that the snapshot has, as the database's tables name them.
void AddGroups(const Snapshot& snapshot, Json* json) {
  if (!snapshot.logit_mean.empty()) {
    (*json)["logit_mean"] = snapshot.logit_mean;
    (*json)["logit_variance"] = snapshot.logit_variance;
  }
  for (const ConfusionCount& entry : snapshot.confusion) {
    (*json)["confusion"].push_back(
        {{"label", entry.label}, {"guess", entry.guess}, {"count", entry.count}});
  }
  for (const LayerState& layer : snapshot.layers) {
    (*json)["layers"].push_back({{"name", layer.name},
                                 {"pre_mean", layer.pre_mean},
                                 {"pre_variance", layer.pre_variance},
                                 {"correlation", layer.correlation},
                                 {"drift_ratio", layer.drift_ratio},
                                 {"dead_fraction", layer.dead_fraction},
                                 {"grad_norm", layer.grad_norm},
                                 {"weight_norm", layer.weight_norm},
                                 {"distance_to_init", layer.distance_to_init},
                                 {"cosine_to_init", layer.cosine_to_init}});
  }
  if (snapshot.noise.has_value()) {
    const NoiseState& noise = *snapshot.noise;
    (*json)["noise"] = {
        {"clean_examples", noise.clean_examples}, {"corrupted_examples", noise.corrupted_examples},
        {"kept_clean", noise.kept_clean},         {"kept_corrupted", noise.kept_corrupted},
        {"weight_clean", noise.weight_clean},     {"weight_corrupted", noise.weight_corrupted},
        {"accuracy_given", noise.accuracy_given}, {"accuracy_true", noise.accuracy_true}};
  }
  if (snapshot.sharpness.has_value()) {
    (*json)["sharpness"] = {{"sharpness", snapshot.sharpness->sharpness},
                            {"residual", snapshot.sharpness->residual},
                            {"iterations", snapshot.sharpness->iterations}};
  }
}

// NaN becomes null.
Json SnapshotJson(int64_t trial, const Snapshot& snapshot) {
  Json json = {{"trial", trial},
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
  AddGroups(snapshot, &json);
  return json;
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
    end["probe_seconds"] = trajectory.probe_seconds;
    if (trajectory.init_try > 0) end["init_try"] = trajectory.init_try;
    Print(end);
    if (!trajectory.checkpoint.empty()) std::remove(trajectory.checkpoint.c_str());
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
