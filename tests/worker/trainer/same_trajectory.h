#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "common/trajectory.h"

namespace firstguess::trainer {

// Equal to the bit, NaN included.
inline bool SameBits(const std::vector<double>& a, const std::vector<double>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(double)) == 0;
}

inline std::vector<double> Scalars(const Snapshot& s) {
  return {static_cast<double>(s.step),
          s.epoch,
          s.train_loss,
          s.grad_norm,
          s.probe_loss,
          s.probe_cross_entropy,
          s.accuracy,
          s.max_guess,
          s.guess_entropy,
          s.prob_entropy,
          s.mean_weight,
          s.kept_fraction,
          s.tied_fraction};
}

// All numbers of all groups, in one order.
inline std::vector<double> GroupNumbers(const Snapshot& s) {
  std::vector<double> numbers = s.logit_mean;
  numbers.insert(numbers.end(), s.logit_variance.begin(), s.logit_variance.end());
  for (const ConfusionCount& entry : s.confusion) {
    for (const int64_t number : {entry.label, entry.guess, entry.count}) {
      numbers.push_back(static_cast<double>(number));
    }
  }
  for (const LayerState& layer : s.layers) {
    numbers.insert(numbers.end(),
                   {layer.pre_mean, layer.pre_variance, layer.correlation, layer.drift_ratio,
                    layer.dead_fraction, layer.grad_norm, layer.weight_norm, layer.distance_to_init,
                    layer.cosine_to_init});
  }
  if (s.noise.has_value()) {
    numbers.insert(numbers.end(),
                   {static_cast<double>(s.noise->clean_examples),
                    static_cast<double>(s.noise->corrupted_examples), s.noise->kept_clean,
                    s.noise->kept_corrupted, s.noise->weight_clean, s.noise->weight_corrupted,
                    s.noise->accuracy_given, s.noise->accuracy_true});
  }
  if (s.sharpness.has_value()) {
    numbers.insert(numbers.end(), {s.sharpness->sharpness, s.sharpness->residual,
                                   static_cast<double>(s.sharpness->iterations)});
  }
  return numbers;
}

inline void ExpectSameBits(const Trajectory& a, const Trajectory& b) {
  EXPECT_EQ(a.diverged_at_step, b.diverged_at_step);
  EXPECT_EQ(a.support, b.support);
  EXPECT_EQ(a.initial_rank, b.initial_rank);
  ASSERT_EQ(a.snapshots.size(), b.snapshots.size());
  for (size_t i = 0; i < a.snapshots.size(); ++i) {
    const Snapshot& x = a.snapshots[i];
    const Snapshot& y = b.snapshots[i];
    EXPECT_TRUE(SameBits(Scalars(x), Scalars(y))) << "snapshot " << i;
    EXPECT_EQ(x.guess_count, y.guess_count);
    EXPECT_EQ(x.correct_count, y.correct_count);
    EXPECT_TRUE(SameBits(x.mean_prob, y.mean_prob)) << "snapshot " << i;
    EXPECT_TRUE(SameBits(x.class_loss, y.class_loss)) << "snapshot " << i;
    EXPECT_TRUE(SameBits(x.drift, y.drift)) << "snapshot " << i;
    EXPECT_TRUE(SameBits(GroupNumbers(x), GroupNumbers(y))) << "groups of snapshot " << i;
  }
}

}  // namespace firstguess::trainer
