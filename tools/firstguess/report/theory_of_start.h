#pragma once

#include <map>
#include <tuple>

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
  const SweepData* data_;
  // By activation, weight variance, bias variance, input shift, depth, classes.
  std::map<std::tuple<int, double, double, double, int64_t, int64_t>, double> known_;
};

}  // namespace firstguess
