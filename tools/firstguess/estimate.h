#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/spec/trial.h"
#include "coordinator/grid/pack_plan.h"

namespace firstguess {

// Finished trials of one shape, as they were measured.
struct MeasuredShape {
  TrialConfig example;
  double seconds_per_trial = 0;  // of one worker
  int64_t trials = 0;
};

// How long one worker takes for a trial: as long as trials of its shape took here; else at the mean
// speed of all that were measured here; else at a rough guess. Thread-compatible.
class TrainingTime {
 public:
  // Floating-point operations that one processor does in a second of training small networks, as it
  // was measured on two shared AVX2 cores.
  static constexpr double kRoughFlopsPerSecond = 2e10;

  explicit TrainingTime(const std::vector<MeasuredShape>& measured);

  double SecondsFor(const TrialConfig& config) const;
  // Something was measured.
  bool measured() const { return !seconds_by_shape_.empty(); }

 private:
  std::map<std::string, double> seconds_by_shape_;  // by ShapeKey
  double flops_per_second_ = kRoughFlopsPerSecond;
};

// What is left to do of a sweep.
struct Estimate {
  int64_t cells = 0;
  int64_t known = 0;           // cells whose trials exist already
  bool known_is_exact = true;  // false: from a sample of the cells
  double packs = 0;            // with something to train
  double flops = 0;
  double bytes = 0;           // in the database
  double worker_seconds = 0;  // to be divided by the workers
};

// Whether a trial of this key exists.
using IsKnown = std::function<absl::StatusOr<bool>(const std::string& key)>;

// Up to a million cells all are looked up; of more, ten thousand, always the same ones. A null
// `is_known` means that there is nothing yet, and nothing is enumerated.
absl::StatusOr<Estimate> EstimateSweep(const PackPlan& plan, const IsKnown& is_known,
                                       const TrainingTime& time);

}  // namespace firstguess
