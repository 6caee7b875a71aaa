#include "worker/trainer/train_trial.h"

#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "worker/trainer/initialisation.h"
#include "worker/trainer/label_noise.h"
#include "worker/trainer/losses/cross_entropy.h"
#include "worker/trainer/losses/loss.h"
#include "worker/trainer/measure.h"
#include "worker/trainer/model_mlp.h"
#include "worker/trainer/network.h"
#include "worker/trainer/optimizer.h"

namespace firstguess::trainer {
namespace {

absl::StatusOr<MlpShape> ShapeOf(const TrialConfig& config, const ImageDataset& data) {
  if (config.model != "mlp") {
    return absl::InvalidArgumentError(
        absl::StrCat("unknown model \"", config.model, "\": this trainer has mlp"));
  }
  absl::StatusOr<Activation> activation = ActivationFromName(config.activation);
  if (!activation.ok()) return activation.status();
  return MlpShape{data.train.inputs, config.width, config.depth, data.classes, *activation};
}

// One trial on its way: what Train's loop needs at each update.
class Trial {
 public:
  // InvalidArgument when the configuration is one that this trainer can't do.
  static absl::StatusOr<std::unique_ptr<Trial>> Make(const TrialConfig& config, PackData& data,
                                                     const at::Device& device) {
    absl::StatusOr<MlpShape> shape = ShapeOf(config, *data.dataset);
    if (!shape.ok()) return shape.status();
    if (absl::Status status = CheckInit(config); !status.ok()) return status;
    absl::StatusOr<std::unique_ptr<LossFunction>> loss = MakeLoss(config.loss);
    if (!loss.ok()) return loss.status();
    absl::StatusOr<std::unique_ptr<Optimizer>> optimizer = MakeOptimizer(config);
    if (!optimizer.ok()) return optimizer.status();
    return std::unique_ptr<Trial>(
        new Trial(config, *shape, *std::move(loss), *std::move(optimizer), data, device));
  }

  // Cancelled when `stop` became true.
  absl::StatusOr<Trajectory> Train(const std::atomic<bool>& stop) {
    Trajectory trajectory;
    trajectory.support = Support(data_.probe.labels, data_.dataset->classes);
    // If even step 0 is not finite there are no guesses to rank by, which leaves the classes'
    // order.
    trajectory.initial_rank.resize(trajectory.support.size());
    std::iota(trajectory.initial_rank.begin(), trajectory.initial_rank.end(), int64_t{0});
    const std::vector<int64_t> measured =
        SnapshotSteps(config_.steps, config_.points, config_.spacing);
    auto next = measured.begin();
    for (int64_t step = 0; step <= config_.steps; ++step) {
      if (stop) return absl::CancelledError("stopped");
      const bool snapshot_due = next != measured.end() && *next == step;
      Snapshot before;  // the quantities of the batch, taken before the update
      if (step > 0 && !Update(step, snapshot_due, before)) {
        trajectory.diverged_at_step = step;
        break;
      }
      if (!snapshot_due) continue;
      ++next;
      std::optional<Snapshot> snapshot =
          MeasureProbe(network_.Logits(data_.probe.inputs), data_.probe.labels, *loss_);
      if (!snapshot.has_value()) {
        trajectory.diverged_at_step = step;
        break;
      }
      snapshot->step = step;
      snapshot->epoch =
          static_cast<double>(step) / static_cast<double>(data_.batches->updates_per_epoch());
      snapshot->train_loss = before.train_loss;
      snapshot->grad_norm = before.grad_norm;
      if (step == 0) trajectory.initial_rank = InitialRank(*snapshot);
      trajectory.snapshots.push_back(*std::move(snapshot));
    }
    return trajectory;
  }

 private:
  Trial(const TrialConfig& config, const MlpShape& shape, std::unique_ptr<LossFunction> loss,
        std::unique_ptr<Optimizer> optimizer, PackData& data, const at::Device& device)
      : config_(config),
        data_(data),
        loss_(std::move(loss)),
        cross_entropy_(MakeCrossEntropy()),
        optimizer_(std::move(optimizer)),
        labels_(NoisyLabels(data.batches->Labels(), data.dataset->classes, config).to(device)),
        network_(shape, config, at::kFloat, device) {}

  // Update `step` = 1, 2, …; fills the batch's quantities if `measure`. False, and nothing is
  // updated, when the batch's loss is not finite.
  bool Update(int64_t step, bool measure, Snapshot& quantities) {
    const Batch batch = data_.batches->Get(step);
    const LossFunction& loss = step <= config_.loss_delay_steps ? *cross_entropy_ : *loss_;
    const double value = network_.Backward(batch.inputs, labels_.index_select(0, batch.rows), loss);
    if (!std::isfinite(value)) return false;
    if (measure) {
      quantities.train_loss = value;
      const double norm = network_.GradientNorm();
      quantities.grad_norm = std::isfinite(norm) ? norm : kNotMeasured;
    }
    optimizer_->Update(network_.parameters(), network_.gradient());
    return true;
  }

  const TrialConfig& config_;
  PackData& data_;
  const std::unique_ptr<LossFunction> loss_;
  const std::unique_ptr<LossFunction> cross_entropy_;
  const std::unique_ptr<Optimizer> optimizer_;
  const at::Tensor labels_;  // int64 [n_train], with noise
  Network network_;
};

}  // namespace

absl::StatusOr<Trajectory> TrainTrial(const TrialConfig& config, PackData& data,
                                      const at::Device& device, const std::atomic<bool>& stop) {
  absl::StatusOr<std::unique_ptr<Trial>> trial = Trial::Make(config, data, device);
  if (!trial.ok()) return trial.status();
  return (*trial)->Train(stop);
}

}  // namespace firstguess::trainer
