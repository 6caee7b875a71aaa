#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/measured_groups.h"

namespace firstguess {

// Everything measured at one step of one trial: the state after `step` updates. Scalars that were
// not measured, or are not finite, are NaN (NULL in the database). Vectors have one entry per
// class.
struct Snapshot {
  int64_t step = 0;
  double epoch = 0;  // step / updates per epoch

  // On the batch of update `step`, before it; not measured at step 0.
  double train_loss = kNotMeasured;
  double grad_norm = kNotMeasured;  // Euclidean, over all parameters, without weight decay

  // On the probe set.
  double probe_loss = kNotMeasured;  // the trial's own loss, whatever the delay
  double probe_cross_entropy = kNotMeasured;
  double accuracy = kNotMeasured;
  double max_guess = kNotMeasured;      // largest guess fraction
  double guess_entropy = kNotMeasured;  // of guess fractions, divided by ln C
  double prob_entropy = kNotMeasured;   // of mean_prob, divided by ln C
  double mean_weight = kNotMeasured;    // mean w(p_y); only for losses that depend on p_y alone
  double kept_fraction = kNotMeasured;  // share with w > 0; likewise
  double tied_fraction = kNotMeasured;  // examples whose logits are all equal

  std::vector<int64_t> guess_count;    // argmax = class, ties to the lowest
  std::vector<int64_t> correct_count;  // argmax = label = class
  std::vector<double> mean_prob;       // mean softmax probability over all probe examples
  std::vector<double> class_loss;      // mean own loss over examples of the class; NaN without any
  std::vector<double> drift;           // mean over all probe examples of dL/dz_class

  // The groups that the trial asks for; the others are empty.
  std::vector<double> logit_mean;         // per class: over the probe set
  std::vector<double> logit_variance;     // likewise; population
  std::vector<ConfusionCount> confusion;  // by label, then guess; at some snapshots
  std::vector<LayerState> layers;         // from the input up, the read-out last
  std::optional<NoiseState> noise;
  std::optional<SharpnessState> sharpness;
};

// What a snapshot's vectors take in memory, about.
size_t VectorBytes(const Snapshot& snapshot);

// A finished trial: its snapshots and what is constant over them. Divergence is a result, not a
// failure: `diverged_at_step` is then the first step that was not finite, and no snapshot at or
// after it is kept.
struct Trajectory {
  int64_t diverged_at_step = -1;      // -1: finite to the end
  std::vector<int64_t> support;       // probe examples per class
  std::vector<int64_t> initial_rank;  // per class; 0 = favoured at step 0
  std::vector<Snapshot> snapshots;    // by increasing step, the first at step 0

  // How it was made.
  std::string device;     // "cpu", "cuda:0 NVIDIA H100 …"
  std::string library;    // "libtorch 2.15.0"
  int64_t pack_size = 1;  // networks trained together in its tile
  double train_seconds = 0;
  double probe_seconds = 0;  // of these, what its snapshots took; stays with the trainer
  // The draw of the initial weights that was taken, from 1; 0: without a condition on them.
  int64_t init_try = 0;
  // File of the trial's latest checkpoint, to be removed once this is stored; empty: none. Stays
  // with the worker.
  std::string checkpoint;
};

// The steps at which a trial is measured, 0 first, `steps` last: exactly min(points, steps) after
// step 0. `spacing` is "log" or "linear". REQUIRES: points >= 1, steps >= 0.
std::vector<int64_t> SnapshotSteps(int64_t steps, int64_t points, const std::string& spacing);

}  // namespace firstguess
