#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "common/theory/order_parameters.h"
#include "tools/firstguess/report/sweep_data.h"

namespace firstguess {

// What theory expects of max_guess at step 0: an infinitely wide multi-layer perceptron of the
// trial's depth, activation and initial variances over white-noise inputs (common/theory). Real
// images are no white noise and real layers are not wide: the two show how much each matters.
// Remembers what it has worked out. Thread-compatible.
class TheoryOfStart {
 public:
  explicit TheoryOfStart(const SweepData& data) : data_(&data) {}

  // NaN where theory has no answer: another model, activation or init, normalisation, or a read-out
  // of another scale beside biases; and for a trial without a trajectory.
  double ExpectedMaxGuess(const TrialRow& trial);

 private:
  // Activation, weight variance, bias variance, input shift.
  using PriorKey = std::tuple<int, double, double, double>;

  double OutputCorrelation(const PriorKey& key, const theory::Prior& prior, int64_t depth);

  const SweepData* data_;
  std::map<PriorKey, std::vector<theory::OrderParameters>> layers_;    // as Propagate
  std::map<std::tuple<PriorKey, int64_t, int64_t>, double> expected_;  // by depth and classes too
};

}  // namespace firstguess
