#include "worker/trainer/train_trial.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/spec/list_fields.h"
#include "worker/trainer/check_trial.h"
#include "worker/trainer/clipping.h"
#include "worker/trainer/groups/layers.h"
#include "worker/trainer/groups/noise_probe.h"
#include "worker/trainer/groups/probe_groups.h"
#include "worker/trainer/groups/sharpness.h"
#include "worker/trainer/label_noise.h"
#include "worker/trainer/losses/cross_entropy.h"
#include "worker/trainer/losses/loss.h"
#include "worker/trainer/measure.h"
#include "worker/trainer/models/make_model.h"
#include "worker/trainer/network.h"
#include "worker/trainer/optimizer.h"
#include "worker/trainer/stopwatch.h"
#include "worker/trainer/tensor_bytes.h"

namespace firstguess::trainer {
namespace {

// One trial on its way: what Train's loop needs at each update.
class Trial {
 public:
  // REQUIRES: CheckTrial is ok.
  Trial(const TrialConfig& config, int64_t draw, PackData& data, const at::Device& device)
      : config_(config),
        data_(data),
        loss_(*MakeLoss(config.loss)),
        cross_entropy_(MakeCrossEntropy()),
        optimizer_(*MakeOptimizer(config)),
        labels_(NoisyLabels(data.batches->Labels(), data.dataset->classes, config).to(device)),
        network_(MakeModel(config, *data.dataset), config, at::kFloat, device, draw) {}

  // From the beginning, or from `start`. Cancelled when `stop` became true.
  absl::StatusOr<Trajectory> Train(const std::atomic<bool>& stop, const Checkpoint* start,
                                   CheckpointWriter* writer) {
    Trajectory trajectory = EmptyTrajectory(data_.probe.labels, data_.dataset->classes);
    const std::vector<int64_t> measured =
        SnapshotSteps(config_.steps, config_.points, config_.spacing);
    auto next = measured.begin();
    if (HasGroup(config_, "layers")) initial_ = network_.parameters().clone();
    int64_t step = 0;
    if (start != nullptr) {
      GoOnFrom(*start);
      trajectory = start->trajectory;
      next = std::upper_bound(measured.begin(), measured.end(), start->step);
      step = start->step + 1;
    }
    for (; step <= config_.steps; ++step) {
      if (stop) {
        if (writer != nullptr && writer->DueAtStop(step - 1)) Save(step - 1, trajectory, *writer);
        return absl::CancelledError("stopped");
      }
      if (writer != nullptr && step > 1 && writer->Due()) Save(step - 1, trajectory, *writer);
      const bool snapshot_due = next != measured.end() && *next == step;
      Snapshot before;  // the quantities of the batch, taken before the update
      if (step > 0 && !Update(step, snapshot_due, before)) {
        trajectory.diverged_at_step = step;
        break;
      }
      if (!snapshot_due) continue;
      ++next;
      const Stopwatch stopwatch(trajectory.probe_seconds);
      const at::Tensor logits = network_.Logits(data_.probe.inputs);
      std::optional<Snapshot> snapshot = MeasureProbe(logits, data_.probe.labels, *loss_);
      if (!snapshot.has_value()) {
        trajectory.diverged_at_step = step;
        break;
      }
      snapshot->step = step;
      snapshot->epoch =
          static_cast<double>(step) / static_cast<double>(data_.batches->updates_per_epoch());
      snapshot->train_loss = before.train_loss;
      snapshot->grad_norm = before.grad_norm;
      MeasureGroups(logits, *snapshot);
      if (step == 0) trajectory.initial_rank = InitialRank(*snapshot);
      trajectory.snapshots.push_back(*std::move(snapshot));
    }
    return trajectory;
  }

 private:
  void GoOnFrom(const Checkpoint& start) {
    FromBytes(start.parameters, {network_.parameters()});
    FromBytes(start.moments, network_.buffers());
    optimizer_->GoOnAfter(start.step, network_.parameters());
    const std::vector<at::Tensor> state = optimizer_->State();
    for (size_t i = 0; i < state.size(); ++i) FromBytes(start.optimizer.at(i), {state[i]});
  }

  // A checkpoint after `step` updates.
  void Save(int64_t step, const Trajectory& trajectory, CheckpointWriter& writer) {
    writer.Save(step, {0}, [&](size_t) {
      Checkpoint checkpoint{.trajectory = trajectory,
                            .parameters = ToBytes({network_.parameters()}),
                            .moments = ToBytes(network_.buffers()),
                            .optimizer = {}};
      for (const at::Tensor& state : optimizer_->State()) {
        checkpoint.optimizer.push_back(ToBytes({state}));
      }
      return checkpoint;
    });
  }

  // Update `step` = 1, 2, …; fills the batch's quantities if `measure`. False, and nothing is
  // updated, when the batch's loss is not finite.
  bool Update(int64_t step, bool measure, Snapshot& quantities) {
    const Batch batch = data_.batches->Get(step);
    const LossFunction& loss = step <= config_.loss_delay_steps ? *cross_entropy_ : *loss_;
    const double value = network_.Backward(batch.inputs, labels_.index_select(0, batch.rows), loss,
                                           config_.logit_bias);
    if (!std::isfinite(value)) return false;
    const bool clips = config_.max_grad_norm > 0;
    const double norm = measure || clips ? network_.GradientNorm() : 0;
    if (measure) {
      quantities.train_loss = value;
      quantities.grad_norm = std::isfinite(norm) ? norm : kNotMeasured;
      if (initial_.defined()) gradient_ = network_.gradient().clone();
    }
    if (clips) network_.gradient().mul_(ClippingFactor(norm, config_.max_grad_norm));
    if (loss.l1_penalty() != 0) {
      network_.gradient().add_(network_.parameters().sign(), loss.l1_penalty());
    }
    optimizer_->Update(network_.parameters(), network_.gradient());
    return true;
  }

  // Adds the groups that the trial asks for. `logits`: of the probe set.
  void MeasureGroups(const at::Tensor& logits, Snapshot& snapshot) {
    MeasureProbeGroups(config_, logits, data_.probe.labels, snapshot);
    if (data_.noise_probe.has_value()) {
      const NoiseProbe& probe = *data_.noise_probe;
      const at::Tensor given = labels_.to(at::kCPU).index_select(0, probe.rows);
      snapshot.noise = MeasureNoise(network_.Logits(probe.inputs), given, probe.labels, *loss_);
    }
    if (initial_.defined()) {
      snapshot.layers = MeasureLayers(network_, data_.probe.inputs,
                                      *ActivationFromName(config_.activation), initial_, gradient_);
    }
    if (HasGroup(config_, "sharpness")) {
      snapshot.sharpness = MeasureSharpness(network_, data_.probe, *loss_, config_);
    }
  }

  const TrialConfig& config_;
  PackData& data_;
  const std::unique_ptr<LossFunction> loss_;
  const std::unique_ptr<LossFunction> cross_entropy_;
  const std::unique_ptr<Optimizer> optimizer_;
  const at::Tensor labels_;  // int64 [n_train], with noise
  Network network_;
  // For group layers, as Network::parameters.
  at::Tensor initial_;   // the parameters at step 0
  at::Tensor gradient_;  // of the update before the snapshot, as autograd gave it
};

}  // namespace

absl::StatusOr<Trajectory> TrainTrial(const TrialConfig& config, int64_t draw, PackData& data,
                                      const at::Device& device, const std::atomic<bool>& stop,
                                      const Checkpoint* start, CheckpointWriter* writer) {
  if (absl::Status status = CheckTrial(config, *data.dataset); !status.ok()) return status;
  return Trial(config, draw, data, device).Train(stop, start, writer);
}

}  // namespace firstguess::trainer
