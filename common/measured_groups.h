#pragma once

#include <cstdint>
#include <limits>
#include <string>

namespace firstguess {

inline constexpr double kNotMeasured = std::numeric_limits<double>::quiet_NaN();

// Parts of a snapshot that a trial has only if its `groups` ask for them. What each number is:
// worker/README.md, "What is measured". Plain values; NaN: not measured, not defined, or not
// finite (NULL in the database).

// Group confusion: probe examples of class `label` whose argmax is `guess`; never 0.
struct ConfusionCount {
  int64_t label = 0;
  int64_t guess = 0;
  int64_t count = 0;

  bool operator==(const ConfusionCount&) const = default;
};

// Group layers: one hidden layer, or the read-out.
struct LayerState {
  std::string name;                        // of the layer's parameters, as in PyTorch: "layers.0"
  double pre_mean = kNotMeasured;          // of pre-activations, over probe examples and units
  double pre_variance = kNotMeasured;      // likewise; population
  double correlation = kNotMeasured;       // mean cosine of two examples' activations
  double drift_ratio = kNotMeasured;       // variance of units' means over mean of their variances
  double dead_fraction = kNotMeasured;     // units whose activation is 0 on every example
  double grad_norm = kNotMeasured;         // of its parameters, on the batch of the step's update
  double weight_norm = kNotMeasured;       // Euclidean norm of its weights
  double distance_to_init = kNotMeasured;  // Euclidean, of its weights
  double cosine_to_init = kNotMeasured;    // likewise
};

// Group noise: on a fixed set of training examples with the labels that are trained on.
struct NoiseState {
  int64_t clean_examples = 0;
  int64_t corrupted_examples = 0;  // whose label was replaced by another
  double kept_clean = kNotMeasured;
  double kept_corrupted = kNotMeasured;  // share with w(p_y) > 0
  double weight_clean = kNotMeasured;
  double weight_corrupted = kNotMeasured;  // mean w(p_y)
  double accuracy_given = kNotMeasured;    // corrupted ones guessed as they are labelled
  double accuracy_true = kNotMeasured;     // corrupted ones guessed as they should be labelled
};

// Group sharpness: the Hessian's eigenvalue of largest magnitude.
struct SharpnessState {
  double sharpness = kNotMeasured;
  double residual = kNotMeasured;  // ||Hv - sharpness v|| / |sharpness|
  int64_t iterations = 0;          // products Hv
};

}  // namespace firstguess
