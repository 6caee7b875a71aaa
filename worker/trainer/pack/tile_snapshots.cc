#include "worker/trainer/pack/tile_snapshots.h"

#include <ATen/ops/empty.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "worker/trainer/groups/noise_probe.h"
#include "worker/trainer/groups/probe_groups.h"
#include "worker/trainer/label_noise.h"
#include "worker/trainer/measure.h"
#include "worker/trainer/pack/tile_size.h"
#include "worker/trainer/stopwatch.h"

namespace firstguess::trainer {
namespace {

// The first slices of `into` <- `from`; on a GPU when its turn comes.
void CopyOut(at::Tensor& into, const at::Tensor& from) {
  into.narrow(0, 0, from.size(0)).copy_(from, /*non_blocking=*/true);
}

}  // namespace

TileSnapshots::TileSnapshots(const std::vector<TrialConfig>& configs, const MlpShape& shape,
                             const PackData& data, const at::Device& device)
    : shared_(configs.front()),
      data_(data),
      mode_(shared_.norm_statistics == "running" ? ForwardMode::kRunningStatistics
                                                 : ForwardMode::kBatchStatistics),
      chunk_(ProbeChunk(shape, shared_)),
      trajectories_(configs.size(), EmptyTrajectory(data.probe.labels, shape.classes)),
      ended_(configs.size(), false) {
  const auto networks = static_cast<int64_t>(configs.size());
  const auto options = at::TensorOptions().dtype(at::kFloat).device(device);
  const int64_t noise_examples = data.noise_probe ? data.noise_probe->rows.size(0) : 0;
  logits_ = at::empty({networks, shape.classes, data.probe.inputs.size(0)}, options);
  noise_logits_ = at::empty({networks, shape.classes, noise_examples}, options);
  for (HostCopy& memory : memory_) memory = MakeHostCopy(networks, device);
  for (const TrialConfig& config : configs) {
    losses_.push_back(*MakeLoss(config.loss));
    if (!data.noise_probe.has_value()) continue;
    given_labels_.push_back(NoisyLabels(data.batches->Labels(), shape.classes, config)
                                .index_select(0, data.noise_probe->rows));
  }
}

TileSnapshots::HostCopy TileSnapshots::MakeHostCopy(int64_t networks,
                                                    const at::Device& device) const {
  const auto options = at::TensorOptions().pinned_memory(device.is_cuda());
  return {.logits = at::empty(logits_.sizes(), options.dtype(at::kFloat)),
          .noise_logits = at::empty(noise_logits_.sizes(), options.dtype(at::kFloat)),
          .losses = at::empty({networks}, options.dtype(at::kDouble)),
          .squared_norms = at::empty({networks}, options.dtype(at::kDouble)),
          .bad_steps = at::empty({networks}, options.dtype(at::kLong))};
}

void TileSnapshots::Take(const TileState& state, PackNetwork& network) {
  const Stopwatch stopwatch(seconds_);
  Taken taken{
      .step = state.step, .places = state.places, .host = memory_[turn_], .copied = std::nullopt};
  turn_ = 1 - turn_;
  CopyOut(taken.host.logits, Logits(state, network, data_.probe.inputs, logits_));
  if (data_.noise_probe.has_value()) {
    CopyOut(taken.host.noise_logits,
            Logits(state, network, data_.noise_probe->inputs, noise_logits_));
  }
  CopyOut(taken.host.losses, state.losses);
  CopyOut(taken.host.squared_norms, state.squared_norms);
  CopyOut(taken.host.bad_steps, state.bad_steps);
  if (const c10::Device device = logits_.device(); device.is_cuda()) {
    taken.copied.emplace(device.type());
    taken.copied->record(c10::impl::VirtualGuardImpl(device.type()).getStream(device));
  }
  waiting_.push_back(std::move(taken));
}

at::Tensor TileSnapshots::Logits(const TileState& state, PackNetwork& network,
                                 const at::Tensor& inputs, const at::Tensor& into) const {
  const at::Tensor logits = into.narrow(0, 0, state.parameters.networks());
  const int64_t examples = inputs.size(0);
  for (int64_t begin = 0; begin < examples; begin += chunk_) {
    const int64_t end = std::min(begin + chunk_, examples);
    // A rest of one would be a matrix times a vector (tile_size.h): it takes its neighbour along.
    const int64_t first = end - begin == 1 ? std::max<int64_t>(begin - 1, 0) : begin;
    logits.narrow(2, first, end - first)
        .copy_(network.Forward(state.parameters, inputs.narrow(0, first, end - first), mode_));
  }
  return logits;
}

std::vector<size_t> TileSnapshots::MeasureOldest() {
  const Stopwatch stopwatch(seconds_);
  const Taken taken = std::move(waiting_.front());
  waiting_.pop_front();
  if (taken.copied.has_value()) taken.copied->synchronize();
  std::vector<size_t> ended;
  for (size_t k = 0; k < taken.places.size(); ++k) {
    const size_t config = taken.places[k];
    if (ended_[config]) continue;
    Trajectory& trajectory = trajectories_[config];
    const int64_t bad_step = taken.host.bad_steps.const_data_ptr<int64_t>()[k];
    std::optional<Snapshot> snapshot;
    if (bad_step < 0) snapshot = Measure(taken, static_cast<int64_t>(k), config);
    if (!snapshot.has_value()) {
      trajectory.diverged_at_step = bad_step < 0 ? taken.step : bad_step;
      ended_[config] = true;
      ended.push_back(config);
      continue;
    }
    if (taken.step == 0) trajectory.initial_rank = InitialRank(*snapshot);
    trajectory.snapshots.push_back(*std::move(snapshot));
  }
  return ended;
}

std::optional<Snapshot> TileSnapshots::Measure(const Taken& taken, int64_t k, size_t config) const {
  const at::Tensor logits = taken.host.logits.select(0, k).t();
  std::optional<Snapshot> snapshot = MeasureProbe(logits, data_.probe.labels, *losses_[config]);
  if (!snapshot.has_value()) return snapshot;
  snapshot->step = taken.step;
  snapshot->epoch =
      static_cast<double>(taken.step) / static_cast<double>(data_.batches->updates_per_epoch());
  if (taken.step > 0) {
    snapshot->train_loss = taken.host.losses.const_data_ptr<double>()[k];
    const double norm = std::sqrt(taken.host.squared_norms.const_data_ptr<double>()[k]);
    snapshot->grad_norm = std::isfinite(norm) ? norm : kNotMeasured;
  }
  MeasureProbeGroups(shared_, logits, data_.probe.labels, *snapshot);
  if (data_.noise_probe.has_value()) {
    snapshot->noise = MeasureNoise(taken.host.noise_logits.select(0, k).t(), given_labels_[config],
                                   data_.noise_probe->labels, *losses_[config]);
  }
  return snapshot;
}

Trajectory TileSnapshots::TakeTrajectory(size_t i) {
  trajectories_[i].probe_seconds += seconds_ / static_cast<double>(trajectories_.size());
  return std::move(trajectories_[i]);
}

Trajectory TileSnapshots::TrajectorySoFar(size_t i) const {
  Trajectory trajectory = trajectories_[i];
  trajectory.probe_seconds += seconds_ / static_cast<double>(trajectories_.size());
  return trajectory;
}

}  // namespace firstguess::trainer
