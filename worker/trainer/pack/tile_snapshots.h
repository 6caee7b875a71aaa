#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Event.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/spec/trial.h"
#include "common/trajectory.h"
#include "worker/trainer/losses/loss.h"
#include "worker/trainer/pack/pack_network.h"
#include "worker/trainer/pack_data.h"

namespace firstguess::trainer {

// What a tile's networks are like at a step, on the device.
struct TileState {
  int64_t step = 0;
  const std::vector<size_t>& places;  // by slice: which configuration it trains
  const PackParameters& parameters;
  // Of the last update, by slice: mean losses, squared norms of the gradients (float64 [K]), and
  // the first update with a loss that was not finite (int64 [K]; -1: none yet).
  const at::Tensor& losses;
  const at::Tensor& squared_norms;
  const at::Tensor& bad_steps;
};

// The snapshots of a tile's networks. Taking one puts everything that is measured on its way from
// the device; measuring it on the host comes after the next one was taken, so that a GPU has the
// updates between the two to do meanwhile. On a CPU the same happens in the same order.
// Thread-compatible.
class TileSnapshots {
 public:
  // `configs` are of one pack; `data` must outlive it.
  TileSnapshots(const std::vector<TrialConfig>& configs, const MlpShape& shape,
                const PackData& data, const at::Device& device);

  // REQUIRES: waiting() <= 1.
  void Take(const TileState& state, PackNetwork& network);
  // How many were taken and are not measured yet.
  size_t waiting() const { return waiting_.size(); }
  // Measures the oldest of them into the trajectories. Returns which configurations it found not
  // finite: they ended at it, and later snapshots leave them out. REQUIRES: waiting() > 0.
  std::vector<size_t> MeasureOldest();

  // Of configuration i. Without how it was made, but for probe_seconds so far.
  Trajectory TakeTrajectory(size_t i);
  // The same, and it goes on. REQUIRES: waiting() == 0.
  Trajectory TrajectorySoFar(size_t i) const;
  // Before the first: configuration i has these already.
  void GoOnFrom(size_t i, Trajectory trajectory) { trajectories_[i] = std::move(trajectory); }

 private:
  // Memory on the host for one snapshot; pinned if it comes from a GPU.
  struct HostCopy {
    at::Tensor logits, noise_logits, losses, squared_norms, bad_steps;
  };
  struct Taken {
    int64_t step = 0;
    std::vector<size_t> places;
    HostCopy host;
    std::optional<c10::Event> copied;  // for a GPU
  };

  HostCopy MakeHostCopy(int64_t networks, const at::Device& device) const;
  // [K, classes, n] of `inputs` [n, inputs], in the memory of `into`.
  at::Tensor Logits(const TileState& state, PackNetwork& network, const at::Tensor& inputs,
                    const at::Tensor& into) const;
  // Of the network in slice k, which trains `config`; nothing if it isn't finite.
  std::optional<Snapshot> Measure(const Taken& taken, int64_t k, size_t config) const;

  const TrialConfig shared_;  // whatever they share
  const PackData& data_;
  const ForwardMode mode_;                             // of batch normalisation
  const int64_t chunk_;                                // examples that are probed at a time
  std::vector<std::unique_ptr<LossFunction>> losses_;  // by configuration
  std::vector<at::Tensor> given_labels_;  // likewise: of the noise probe, as trained on
  std::vector<Trajectory> trajectories_;  // likewise
  std::vector<bool> ended_;               // likewise
  at::Tensor logits_;                     // on the device: [K, C, probe_size]
  at::Tensor noise_logits_;               // likewise: [K, C, examples of the noise probe]
  HostCopy memory_[2];                    // by turns
  size_t turn_ = 0;
  std::deque<Taken> waiting_;
  double seconds_ = 0;  // spent here
};

}  // namespace firstguess::trainer
