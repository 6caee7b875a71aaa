#include "worker/trainer/pack/train_tile.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/stack.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "worker/trainer/check_trial.h"
#include "worker/trainer/groups/noise_probe.h"
#include "worker/trainer/groups/probe_groups.h"
#include "worker/trainer/label_noise.h"
#include "worker/trainer/measure.h"
#include "worker/trainer/pack/pack_loss.h"
#include "worker/trainer/pack/pack_network.h"
#include "worker/trainer/pack/pack_optimizer.h"
#include "worker/trainer/pack/pack_parameters.h"
#include "worker/trainer/pack/tile_size.h"

namespace firstguess::trainer {
namespace {

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
  Tile(const std::vector<TrialConfig>& configs, const std::vector<int64_t>& draws,
       const MlpShape& shape, PackData& data, const at::Device& device)
      : place_(PackLoss::Order(configs)),
        shared_(configs.front()),
        data_(data),
        steps_(configs.front().steps),
        measured_steps_(SnapshotSteps(steps_, configs.front().points, configs.front().spacing)),
        parameters_(shape, networks(), at::kFloat, device),
        network_(shape, networks(), std::max(configs.front().batch_size, kProbeChunk), at::kFloat,
                 device),
        loss_(Placed(configs), shape.classes, configs.front().batch_size, at::kFloat, device),
        optimizer_(MakePackOptimizer(shape, Placed(configs), parameters_, at::kFloat, device)),
        labels_(TrainingLabels(Placed(configs), data, device)),
        batch_labels_(at::empty({labels_.size(0), configs.front().batch_size},
                                at::TensorOptions().dtype(at::kLong).device(device))),
        mean_(at::empty({networks()}, at::TensorOptions().dtype(at::kDouble).device(device))),
        bad_step_(at::full({networks()}, -1, at::TensorOptions().dtype(at::kLong).device(device))),
        logits_(at::empty({networks(), shape.classes, data.probe.inputs.size(0)},
                          at::TensorOptions().dtype(at::kFloat).device(device))),
        noise_logits_(at::empty(
            {networks(), shape.classes, data.noise_probe ? data.noise_probe->rows.size(0) : 0},
            at::TensorOptions().dtype(at::kFloat).device(device))),
        trajectories_(configs.size(), EmptyTrajectory(data.probe.labels, shape.classes)) {
    for (size_t k = 0; k < place_.size(); ++k) {
      parameters_.Initialise(static_cast<int64_t>(k), shape, configs[place_[k]], draws[place_[k]]);
    }
  }

  absl::Status Train(const std::atomic<bool>& stop,
                     const std::function<void(size_t, Trajectory)>& finished) {
    auto next = measured_steps_.begin();
    for (int64_t step = 0; step <= steps_ && networks() > 0; ++step) {
      if (stop) return absl::CancelledError("stopped");
      const bool due = next != measured_steps_.end() && *next == step;
      if (step > 0) Update(step, due);
      if (!due) continue;
      ++next;
      Measure(step, finished);
    }
    std::sort(place_.begin(), place_.end());
    for (const size_t place : place_) {
      if (stop) return absl::CancelledError("stopped");
      finished(place, std::move(trajectories_[place]));
    }
    return absl::OkStatus();
  }

 private:
  int64_t networks() const { return static_cast<int64_t>(place_.size()); }

  // The configurations by slice.
  std::vector<TrialConfig> Placed(const std::vector<TrialConfig>& configs) const {
    std::vector<TrialConfig> placed;
    for (const size_t index : place_) placed.push_back(configs[index]);
    return placed;
  }

  void Update(int64_t step, bool measured) {
    const Batch batch = data_.batches->Get(step);
    const at::Tensor logits = network_.Forward(parameters_, batch.inputs);
    at::index_select_out(batch_labels_, labels_, 1, batch.rows);
    const at::Tensor gradient =
        loss_.Gradient(step, logits, batch_labels_.unsqueeze(1),
                       optimizer_->Begin(measured, loss_.L1Penalties(step)), mean_);
    // The first update whose loss is not finite, by network; read at the next snapshot.
    bad_step_.masked_fill_(bad_step_.lt(0).logical_and_(at::isfinite(mean_).logical_not_()), step);
    network_.Backward(parameters_, batch.inputs, gradient,
                      [&](const PackNetwork::LayerGradient& layer) { optimizer_->Layer(layer); });
    optimizer_->End();
  }

  // A snapshot of every network; those that are not finite end here.
  void Measure(int64_t step, const std::function<void(size_t, Trajectory)>& finished) {
    const at::Tensor host_logits = Logits(data_.probe.inputs, logits_).to(at::kCPU);
    at::Tensor noise_logits;
    if (data_.noise_probe.has_value()) {
      noise_logits = Logits(data_.noise_probe->inputs, noise_logits_).to(at::kCPU);
    }
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
      MeasureProbeGroups(shared_, host_logits.select(0, k).t(), data_.probe.labels, *snapshot);
      if (data_.noise_probe.has_value()) {
        snapshot->noise = MeasureNoise(noise_logits.select(0, k).t(), GivenLabels(k),
                                       data_.noise_probe->labels, loss_.Final(k));
      }
      trajectory.snapshots.push_back(*std::move(snapshot));
    }
    TakeOut(ended, finished);
  }

  // The labels that network k trains on, of the noise probe.
  at::Tensor GivenLabels(int64_t k) const {
    return labels_.select(0, labels_.size(0) > 1 ? k : 0)
        .to(at::kCPU)
        .index_select(0, data_.noise_probe->rows);
  }

  // [K, classes, n] of `inputs` [n, inputs], in the memory of `into`.
  at::Tensor Logits(const at::Tensor& inputs, const at::Tensor& into) {
    const at::Tensor logits = into.narrow(0, 0, networks());
    const int64_t examples = inputs.size(0);
    for (int64_t begin = 0; begin < examples; begin += kProbeChunk) {
      const int64_t end = std::min(begin + kProbeChunk, examples);
      // A rest of one would be a matrix times a vector (tile_size.h): it takes its neighbour along.
      const int64_t first = end - begin == 1 ? std::max<int64_t>(begin - 1, 0) : begin;
      logits.narrow(2, first, end - first)
          .copy_(network_.Forward(parameters_, inputs.narrow(0, first, end - first)));
    }
    return logits;
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
    if (labels_.size(0) > 1) {
      labels_ = labels_.narrow(0, 0, networks());
      batch_labels_ = batch_labels_.narrow(0, 0, networks());
    }
    mean_ = mean_.narrow(0, 0, networks());
    bad_step_ = bad_step_.narrow(0, 0, networks());
  }

  std::vector<size_t> place_;  // slice -> index of its configuration
  const TrialConfig shared_;   // whatever they share
  PackData& data_;
  const int64_t steps_;
  const std::vector<int64_t> measured_steps_;
  PackParameters parameters_;
  PackNetwork network_;
  PackLoss loss_;
  const std::unique_ptr<PackOptimizer> optimizer_;
  at::Tensor labels_;        // int64 [K or 1, n_train]
  at::Tensor batch_labels_;  // int64 [K or 1, B]
  at::Tensor mean_;          // float64 [K]: losses of the last update's batch
  at::Tensor bad_step_;      // int64 [K]: first update with a loss that is not finite; -1
  at::Tensor logits_;        // [K, C, probe_size]
  at::Tensor noise_logits_;  // [K, C, examples of the noise probe]
  std::vector<Trajectory> trajectories_;
};

}  // namespace

absl::Status TrainTile(const std::vector<TrialConfig>& configs, const std::vector<int64_t>& draws,
                       PackData& data, const at::Device& device, const std::atomic<bool>& stop,
                       const std::function<void(size_t, Trajectory)>& finished) {
  const at::NoGradGuard no_grad;
  return Tile(configs, draws, ShapeOf(configs.front(), *data.dataset), data, device)
      .Train(stop, finished);
}

}  // namespace firstguess::trainer
