#include "worker/trainer/pack/train_tile.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "worker/trainer/check_trial.h"
#include "worker/trainer/label_noise.h"
#include "worker/trainer/pack/pack_loss.h"
#include "worker/trainer/pack/pack_network.h"
#include "worker/trainer/pack/pack_optimizer.h"
#include "worker/trainer/pack/pack_parameters.h"
#include "worker/trainer/pack/tile_size.h"
#include "worker/trainer/pack/tile_snapshots.h"
#include "worker/trainer/tensor_bytes.h"

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
// being finite gives its place to the last one. Between two of those, an update is the same
// operations on the same memory, which a `graph` may record and repeat; without one (null) the
// batch is used where it lies.
class Tile {
 public:
  Tile(const std::vector<TrialConfig>& configs, const std::vector<int64_t>& draws,
       const MlpShape& shape, PackData& data, const at::Device& device, DeviceGraph* graph)
      : places_(PackLoss::Order(configs)),
        data_(data),
        steps_(configs.front().steps),
        measured_steps_(SnapshotSteps(steps_, configs.front().points, configs.front().spacing)),
        parameters_(shape, networks(), at::kFloat, device),
        network_(shape, networks(),
                 std::max(configs.front().batch_size, ProbeChunk(shape, configs.front())),
                 at::kFloat, device),
        loss_(Placed(configs), shape.classes, configs.front().batch_size, at::kFloat, device),
        optimizer_(MakePackOptimizer(shape, Placed(configs), parameters_, at::kFloat, device)),
        labels_(TrainingLabels(Placed(configs), data, device)),
        batch_labels_(at::empty({labels_.size(0), configs.front().batch_size},
                                at::TensorOptions().dtype(at::kLong).device(device))),
        mean_(at::empty({networks()}, at::TensorOptions().dtype(at::kDouble).device(device))),
        bad_step_(at::full({networks()}, -1, at::TensorOptions().dtype(at::kLong).device(device))),
        step_(at::zeros({}, at::TensorOptions().dtype(at::kLong).device(device))),
        snapshots_(configs, shape, data, device),
        graph_(graph) {
    for (size_t k = 0; k < places_.size(); ++k) {
      parameters_.Initialise(static_cast<int64_t>(k), shape, configs[places_[k]],
                             draws[places_[k]]);
    }
  }

  // Before Train: network i goes on from starts[i]. All are after the same number of updates.
  void GoOnFrom(const std::vector<const Checkpoint*>& starts) {
    begin_ = starts.front()->step + 1;
    step_.fill_(starts.front()->step);
    optimizer_->GoOnAfter(starts.front()->step);
    const std::vector<PackParameters> state = optimizer_->State();
    for (int64_t k = 0; k < networks(); ++k) {
      const size_t place = places_[static_cast<size_t>(k)];
      const Checkpoint& start = *starts[place];
      FromBytes(start.parameters, parameters_.Slice(k));
      FromBytes(start.moments, network_.RunningMoments(k));
      for (size_t i = 0; i < state.size(); ++i) {
        FromBytes(start.optimizer.at(i), state[i].Slice(k));
      }
      bad_step_.select(0, k).fill_(start.bad_step);
      snapshots_.GoOnFrom(place, start.trajectory);
    }
  }

  absl::Status Train(const std::atomic<bool>& stop,
                     const std::function<void(size_t, Trajectory)>& finished,
                     CheckpointWriter* writer) {
    auto next = std::lower_bound(measured_steps_.begin(), measured_steps_.end(), begin_);
    for (int64_t step = begin_; step <= steps_ && networks() > 0; ++step) {
      if (stop) {
        if (writer != nullptr && writer->DueAtStop(step - 1)) Save(step - 1, finished, *writer);
        return absl::CancelledError("stopped");
      }
      if (writer != nullptr && step > 1 && writer->Due()) {
        Save(step - 1, finished, *writer);
        if (networks() == 0) break;
      }
      const bool due = next != measured_steps_.end() && *next == step;
      if (step > 0) Update(step, due);
      if (!due) continue;
      ++next;
      snapshots_.Take({.step = step,
                       .places = places_,
                       .parameters = parameters_,
                       .losses = mean_,
                       .squared_norms = optimizer_->SquaredNorms(),
                       .bad_steps = bad_step_},
                      network_);
      if (snapshots_.waiting() > 1) TakeOut(snapshots_.MeasureOldest(), finished);
    }
    while (snapshots_.waiting() > 0) TakeOut(snapshots_.MeasureOldest(), finished);
    std::sort(places_.begin(), places_.end());
    for (const size_t place : places_) {
      if (stop) return absl::CancelledError("stopped");
      finished(place, snapshots_.TakeTrajectory(place));
    }
    return absl::OkStatus();
  }

 private:
  int64_t networks() const { return static_cast<int64_t>(places_.size()); }

  // The configurations by slice.
  std::vector<TrialConfig> Placed(const std::vector<TrialConfig>& configs) const {
    std::vector<TrialConfig> placed;
    for (const size_t index : places_) placed.push_back(configs[index]);
    return placed;
  }

  void Update(int64_t step, bool measured) {
    const Batch batch = data_.batches->Get(step);
    const at::Tensor& scale = optimizer_->Begin(measured, loss_.L1Penalties(step));
    if (loss_.ChangesAt(step)) is_recorded_ = false;
    // The first one brings up what the device's libraries need, which can't be recorded.
    const bool first = step == std::max<int64_t>(begin_, 1);
    if (graph_ == nullptr || first || measured || !optimizer_->RepeatsItself()) {
      Compute(step, batch, scale);
      return;
    }
    if (!batch_.rows.defined()) {
      batch_ = {at::empty_like(batch.rows), at::empty_like(batch.inputs)};
    }
    batch_.rows.copy_(batch.rows);
    batch_.inputs.copy_(batch.inputs);
    if (is_recorded_) {
      graph_->Replay();
      return;
    }
    graph_->Record([&] { Compute(step, batch_, scale); });
    is_recorded_ = true;
  }

  // Update `step` on the device, which counts by itself: of `step`, only what is in force counts.
  void Compute(int64_t step, const Batch& batch, const at::Tensor& scale) {
    step_.add_(1);
    const at::Tensor logits = network_.Forward(parameters_, batch.inputs);
    at::index_select_out(batch_labels_, labels_, 1, batch.rows);
    const at::Tensor gradient =
        loss_.Gradient(step, logits, batch_labels_.unsqueeze(1), scale, mean_);
    // The first update whose loss is not finite, by network; read at the next snapshot. Only what
    // is not finite differs from itself by something else than 0.
    const at::Tensor ends = mean_.sub(mean_).ne(0).logical_and_(bad_step_.lt(0));
    at::where_out(bad_step_, ends, step_, bad_step_);
    network_.Backward(parameters_, batch.inputs, gradient,
                      [&](const PackNetwork::LayerGradient& layer) { optimizer_->Layer(layer); });
    optimizer_->End();
  }

  // Checkpoints after `step` updates. What was taken is measured first, so that they have it.
  void Save(int64_t step, const std::function<void(size_t, Trajectory)>& finished,
            CheckpointWriter& writer) {
    while (snapshots_.waiting() > 0) TakeOut(snapshots_.MeasureOldest(), finished);
    const std::vector<PackParameters> state = optimizer_->State();
    const at::Tensor bad_steps = bad_step_.to(at::kCPU);
    writer.Save(step, places_, [&](size_t slice) {
      const auto k = static_cast<int64_t>(slice);
      Checkpoint checkpoint{.bad_step = bad_steps.const_data_ptr<int64_t>()[slice],
                            .trajectory = snapshots_.TrajectorySoFar(places_[slice]),
                            .parameters = ToBytes(parameters_.Slice(k)),
                            .moments = ToBytes(network_.RunningMoments(k)),
                            .optimizer = {}};
      for (const PackParameters& kept : state) {
        checkpoint.optimizer.push_back(ToBytes(kept.Slice(k)));
      }
      return checkpoint;
    });
  }

  // `ended`: configurations whose networks are not finite.
  void TakeOut(const std::vector<size_t>& ended,
               const std::function<void(size_t, Trajectory)>& finished) {
    for (const size_t place : ended) {
      finished(place, snapshots_.TakeTrajectory(place));
      const auto slice = std::find(places_.begin(), places_.end(), place) - places_.begin();
      const int64_t last = networks() - 1;
      if (slice != last) {
        places_[static_cast<size_t>(slice)] = places_.back();
        parameters_.Copy(last, slice);
        network_.Copy(last, slice);
        optimizer_->Copy(last, slice);
        loss_.Copy(last, slice);
        if (labels_.size(0) > 1) labels_.select(0, slice).copy_(labels_.select(0, last));
        mean_.select(0, slice).copy_(mean_.select(0, last));
        bad_step_.select(0, slice).copy_(bad_step_.select(0, last));
      }
      places_.pop_back();
    }
    if (ended.empty() || places_.empty()) return;
    is_recorded_ = false;
    parameters_ = parameters_.First(networks());
    optimizer_->Keep(parameters_);
    if (labels_.size(0) > 1) {
      labels_ = labels_.narrow(0, 0, networks());
      batch_labels_ = batch_labels_.narrow(0, 0, networks());
    }
    mean_ = mean_.narrow(0, 0, networks());
    bad_step_ = bad_step_.narrow(0, 0, networks());
  }

  std::vector<size_t> places_;  // slice -> index of its configuration
  PackData& data_;
  const int64_t steps_;
  int64_t begin_ = 0;  // the first step
  const std::vector<int64_t> measured_steps_;
  PackParameters parameters_;
  PackNetwork network_;
  PackLoss loss_;
  const std::unique_ptr<PackOptimizer> optimizer_;
  at::Tensor labels_;        // int64 [K or 1, n_train]
  at::Tensor batch_labels_;  // int64 [K or 1, B]
  at::Tensor mean_;          // float64 [K]: losses of the last update's batch
  at::Tensor bad_step_;      // int64 [K]: first update with a loss that is not finite; -1
  at::Tensor step_;          // int64 []: updates so far
  TileSnapshots snapshots_;
  DeviceGraph* const graph_;
  Batch batch_;               // with a graph: where it reads the batch
  bool is_recorded_ = false;  // an update like the next
};

}  // namespace

absl::Status TrainTile(const std::vector<TrialConfig>& configs, const std::vector<int64_t>& draws,
                       PackData& data, const at::Device& device, const std::atomic<bool>& stop,
                       const std::function<void(size_t, Trajectory)>& finished,
                       const std::vector<const Checkpoint*>& starts, CheckpointWriter* writer,
                       DeviceGraph* graph) {
  const c10::InferenceMode no_autograd;
  Tile tile(configs, draws, ShapeOf(configs.front(), *data.dataset), data, device, graph);
  if (!starts.empty()) tile.GoOnFrom(starts);
  return tile.Train(stop, finished, writer);
}

}  // namespace firstguess::trainer
