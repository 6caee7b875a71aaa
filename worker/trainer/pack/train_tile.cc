#include "worker/trainer/pack/train_tile.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "worker/trainer/initialisation.h"
#include "worker/trainer/label_noise.h"
#include "worker/trainer/measure.h"
#include "worker/trainer/model_mlp.h"
#include "worker/trainer/pack/pack_loss.h"
#include "worker/trainer/pack/pack_network.h"
#include "worker/trainer/pack/pack_optimizer.h"
#include "worker/trainer/pack/pack_parameters.h"

namespace firstguess::trainer {
namespace {

// Probe examples that go through the networks at a time: activations of this many stay in cache.
constexpr int64_t kProbeChunk = 256;

absl::StatusOr<MlpShape> ShapeOf(const TrialConfig& config, const ImageDataset& data) {
  if (config.model != "mlp") {
    return absl::InvalidArgumentError(
        absl::StrCat("packs are for model mlp, not for ", config.model));
  }
  absl::StatusOr<Activation> activation = ActivationFromName(config.activation);
  if (!activation.ok()) return activation.status();
  return MlpShape{data.train.inputs, config.width, config.depth, data.classes, *activation};
}

// The labels that each network trains on, int64 [K, n_train], or [1, n_train] if none has noise.
at::Tensor TrainingLabels(const std::vector<TrialConfig>& configs, const PackData& data,
                          const at::Device& device) {
  const at::Tensor clean = data.batches->Labels();
  const bool noisy = std::any_of(configs.begin(), configs.end(),
                                 [](const TrialConfig& config) { return config.label_noise > 0; });
  if (!noisy) return clean.unsqueeze(0).to(device);
  std::vector<at::Tensor> rows;
  rows.reserve(configs.size());
  for (const TrialConfig& config : configs) {
    rows.push_back(NoisyLabels(clean, data.dataset->classes, config));
  }
  return at::stack(rows).to(device);
}

// The networks of a tile on their way. Slices [0, networks) are in training; a network that stops
// being finite gives its place to the last one.
class Tile {
 public:
  Tile(const std::vector<TrialConfig>& configs, std::vector<size_t> order, const MlpShape& shape,
       PackData& data, const at::Device& device, PackLoss loss)
      : configs_(configs),
        place_(std::move(order)),
        data_(data),
        parameters_(shape, networks(), at::kFloat, device),
        network_(shape, networks(), std::max(configs.front().batch_size, kProbeChunk), at::kFloat,
                 device),
        loss_(std::move(loss)),
        mean_(at::empty({networks()}, at::TensorOptions().dtype(at::kDouble).device(device))),
        bad_step_(at::full({networks()}, -1, at::TensorOptions().dtype(at::kLong).device(device))),
        logits_(at::empty({networks(), shape.classes, data.probe.inputs.size(0)},
                          at::TensorOptions().dtype(at::kFloat).device(device))),
        trajectories_(configs.size()) {}

  absl::Status Prepare(const MlpShape& shape, const at::Device& device) {
    std::vector<TrialConfig> placed;
    for (size_t k = 0; k < place_.size(); ++k) {
      placed.push_back(configs_[place_[k]]);
      parameters_.Initialise(static_cast<int64_t>(k), shape, placed.back());
    }
    labels_ = TrainingLabels(placed, data_, device);
    absl::StatusOr<std::unique_ptr<PackOptimizer>> optimizer =
        MakePackOptimizer(shape, placed, parameters_, at::kFloat, device);
    if (!optimizer.ok()) return optimizer.status();
    optimizer_ = *std::move(optimizer);
    return absl::OkStatus();
  }

  absl::Status Train(const std::atomic<bool>& stop,
                     const std::function<void(size_t, Trajectory)>& finished) {
    const TrialConfig& shared = configs_.front();
    const std::vector<int64_t> measured =
        SnapshotSteps(shared.steps, shared.points, shared.spacing);
    const std::vector<int64_t> support = Support(data_.probe.labels, data_.dataset->classes);
    for (Trajectory& trajectory : trajectories_) trajectory.support = support;

    auto next = measured.begin();
    for (int64_t step = 0; step <= shared.steps && networks() > 0; ++step) {
      if (stop) return absl::CancelledError("stopped");
      const bool due = next != measured.end() && *next == step;
      if (step > 0) Update(step, due);
      if (!due) continue;
      ++next;
      Measure(step, finished);
    }
    for (const size_t place : place_) finished(place, std::move(trajectories_[place]));
    return absl::OkStatus();
  }

 private:
  int64_t networks() const { return static_cast<int64_t>(place_.size()); }

  void Update(int64_t step, bool measured) {
    const Batch batch = data_.batches->Get(step);
    const at::Tensor logits = network_.Forward(parameters_, batch.inputs);
    const at::Tensor labels = labels_.index_select(1, batch.rows).unsqueeze(1);
    const at::Tensor gradient =
        loss_.Gradient(step, logits, labels, optimizer_->Begin(measured), mean_);
    // The first update whose loss is not finite, by network; read at the next snapshot.
    bad_step_.masked_fill_(bad_step_.lt(0).logical_and_(at::isfinite(mean_).logical_not_()), step);
    network_.Backward(parameters_, batch.inputs, gradient,
                      [&](const PackNetwork::LayerGradient& layer) { optimizer_->Layer(layer); });
    optimizer_->End();
  }

  // A snapshot of every network; those that are not finite end here.
  void Measure(int64_t step, const std::function<void(size_t, Trajectory)>& finished) {
    const int64_t examples = data_.probe.inputs.size(0);
    const at::Tensor logits = logits_.narrow(0, 0, networks());
    for (int64_t begin = 0; begin < examples; begin += kProbeChunk) {
      const int64_t count = std::min(kProbeChunk, examples - begin);
      logits.narrow(2, begin, count)
          .copy_(network_.Forward(parameters_, data_.probe.inputs.narrow(0, begin, count)));
    }
    const at::Tensor host_logits = logits.to(at::kCPU);
    const at::Tensor bad_steps = bad_step_.to(at::kCPU);
    const at::Tensor means = mean_.to(at::kCPU);
    const at::Tensor norms = optimizer_->SquaredNorms().to(at::kCPU);
    const double epochs =
        static_cast<double>(step) / static_cast<double>(data_.batches->updates_per_epoch());

    std::vector<int64_t> ended;
    for (int64_t k = 0; k < networks(); ++k) {
      Trajectory& trajectory = trajectories_[place_[static_cast<size_t>(k)]];
      const int64_t bad_step = bad_steps.const_data_ptr<int64_t>()[k];
      std::optional<Snapshot> snapshot;
      if (bad_step < 0) {
        snapshot = MeasureProbe(host_logits.select(0, k).t(), data_.probe.labels, loss_.Final(k));
      }
      if (!snapshot.has_value()) {
        trajectory.diverged_at_step = bad_step < 0 ? step : bad_step;
        ended.push_back(k);
        continue;
      }
      snapshot->step = step;
      snapshot->epoch = epochs;
      if (step > 0) {
        snapshot->train_loss = means.const_data_ptr<double>()[k];
        const double norm = std::sqrt(norms.const_data_ptr<double>()[k]);
        snapshot->grad_norm = std::isfinite(norm) ? norm : kNotMeasured;
      } else {
        trajectory.initial_rank = InitialRank(*snapshot);
      }
      trajectory.snapshots.push_back(*std::move(snapshot));
    }
    TakeOut(ended, finished);
  }

  // From the last to the first, so that the one that fills a gap is never one of them.
  void TakeOut(const std::vector<int64_t>& ended,
               const std::function<void(size_t, Trajectory)>& finished) {
    for (auto k = ended.rbegin(); k != ended.rend(); ++k) {
      const size_t place = place_[static_cast<size_t>(*k)];
      finished(place, std::move(trajectories_[place]));
      const int64_t last = networks() - 1;
      if (*k != last) {
        place_[static_cast<size_t>(*k)] = place_.back();
        parameters_.Copy(last, *k);
        optimizer_->Copy(last, *k);
        loss_.Copy(last, *k);
        if (labels_.size(0) > 1) labels_.select(0, *k).copy_(labels_.select(0, last));
        bad_step_.select(0, *k).copy_(bad_step_.select(0, last));
      }
      place_.pop_back();
    }
    if (ended.empty() || place_.empty()) return;
    parameters_ = parameters_.First(networks());
    optimizer_->Keep(parameters_);
    if (labels_.size(0) > 1) labels_ = labels_.narrow(0, 0, networks());
    mean_ = mean_.narrow(0, 0, networks());
    bad_step_ = bad_step_.narrow(0, 0, networks());
  }

  const std::vector<TrialConfig>& configs_;
  std::vector<size_t> place_;  // slice -> index in configs_
  PackData& data_;
  PackParameters parameters_;
  PackNetwork network_;
  PackLoss loss_;
  std::unique_ptr<PackOptimizer> optimizer_;
  at::Tensor labels_;    // int64 [K or 1, n_train]
  at::Tensor mean_;      // float64 [K]: losses of the last update's batch
  at::Tensor bad_step_;  // int64 [K]: first update with a loss that is not finite; -1
  at::Tensor logits_;    // [K, C, probe_size]
  std::vector<Trajectory> trajectories_;
};

}  // namespace

int64_t TileSize(const TrialConfig& config, const ImageDataset& data, const at::Device& device) {
  const int64_t weights = data.train.inputs * config.width +
                          (config.depth - 1) * config.width * config.width +
                          config.width * data.classes;
  const int64_t activations =
      std::max(config.batch_size, kProbeChunk) * (config.depth + 2) * config.width;
  const int64_t bytes = 4 * (weights + activations);
  const int64_t budget = device.is_cpu() ? int64_t{2} << 20 : int64_t{2} << 30;
  return std::clamp<int64_t>(budget / bytes, 1, device.is_cpu() ? 16 : 1024);
}

absl::Status TrainTile(const std::vector<TrialConfig>& configs, PackData& data,
                       const at::Device& device, const std::atomic<bool>& stop,
                       const std::function<void(size_t, Trajectory)>& finished) {
  const at::NoGradGuard no_grad;
  absl::StatusOr<MlpShape> shape = ShapeOf(configs.front(), *data.dataset);
  if (!shape.ok()) return shape.status();
  for (const TrialConfig& config : configs) {
    if (absl::Status status = CheckInit(config); !status.ok()) return status;
  }
  std::vector<size_t> order = PackLoss::Order(configs);
  std::vector<TrialConfig> ordered;
  for (const size_t index : order) ordered.push_back(configs[index]);
  absl::StatusOr<PackLoss> loss =
      PackLoss::Make(ordered, shape->classes, configs.front().batch_size, at::kFloat, device);
  if (!loss.ok()) return loss.status();
  Tile tile(configs, std::move(order), *shape, data, device, *std::move(loss));
  if (absl::Status status = tile.Prepare(*shape, device); !status.ok()) return status;
  return tile.Train(stop, finished);
}

}  // namespace firstguess::trainer
