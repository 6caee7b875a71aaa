#include "tools/firstguess/estimate.h"

#include <cmath>

#include "common/spec/shape.h"
#include "coordinator/grid/cost.h"
#include "coordinator/grid/plan_totals.h"

namespace firstguess {
namespace {

constexpr uint64_t kMostLookedUp = 1'000'000;
constexpr uint64_t kSample = 10'000;

// The i-th of a sequence that is spread without a pattern (the finaliser of splitmix64), so that no
// axis's length can be in step with it.
uint64_t Scattered(uint64_t i) {
  uint64_t x = (i + 1) * 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

void AddUnknown(const TrialConfig& config, double cells, const TrainingTime& time,
                Estimate* estimate) {
  estimate->flops += cells * TrialFlops(config);
  estimate->bytes += cells * TrialBytes(config);
  estimate->worker_seconds += cells * time.SecondsFor(config);
}

absl::StatusOr<Estimate> LookUpAll(const PackPlan& plan, const IsKnown& is_known,
                                   const TrainingTime& time) {
  Estimate estimate;
  for (uint64_t place = 0; place < plan.cells();) {
    const PackPlan::Pack pack = plan.PackAt(place);
    int64_t unknown = 0;
    TrialConfig config;
    for (; place < pack.end(); ++place) {
      config = plan.grid().ConfigAt(plan.CellAt(place));
      const absl::StatusOr<bool> known = is_known(TrialKey(config));
      if (!known.ok()) return known.status();
      *known ? ++estimate.known : ++unknown;
    }
    // A pack's trials have one shape, and cost depends on nothing else.
    AddUnknown(config, static_cast<double>(unknown), time, &estimate);
    if (unknown > 0) ++estimate.packs;
  }
  return estimate;
}

absl::StatusOr<Estimate> LookUpSample(const PackPlan& plan, const IsKnown& is_known,
                                      const TrainingTime& time) {
  Estimate estimate;
  const double cells_each = static_cast<double>(plan.cells()) / static_cast<double>(kSample);
  uint64_t known_in_sample = 0;
  for (uint64_t i = 0; i < kSample; ++i) {
    const TrialConfig config = plan.grid().ConfigAt(plan.CellAt(Scattered(i) % plan.cells()));
    const absl::StatusOr<bool> known = is_known(TrialKey(config));
    if (!known.ok()) return known.status();
    if (*known) {
      ++known_in_sample;
    } else {
      AddUnknown(config, cells_each, time, &estimate);
    }
  }
  estimate.known = std::llround(cells_each * static_cast<double>(known_in_sample));
  estimate.known_is_exact = false;
  estimate.packs = TotalsOf(plan).packs;
  return estimate;
}

}  // namespace

TrainingTime::TrainingTime(const std::vector<MeasuredShape>& measured) {
  double flops = 0;
  double seconds = 0;
  for (const MeasuredShape& shape : measured) {
    if (!(shape.seconds_per_trial > 0) || shape.trials <= 0) continue;
    const double trials = static_cast<double>(shape.trials);
    seconds_by_shape_[ShapeKey(shape.example)] = shape.seconds_per_trial;
    flops += trials * TrialFlops(shape.example);
    seconds += trials * shape.seconds_per_trial;
  }
  if (seconds > 0) flops_per_second_ = flops / seconds;
}

double TrainingTime::SecondsFor(const TrialConfig& config) const {
  const auto found = seconds_by_shape_.find(ShapeKey(config));
  if (found != seconds_by_shape_.end()) return found->second;
  return TrialFlops(config) / flops_per_second_;
}

absl::StatusOr<Estimate> EstimateSweep(const PackPlan& plan, const IsKnown& is_known,
                                       const TrainingTime& time) {
  absl::StatusOr<Estimate> estimate = Estimate();
  if (is_known != nullptr) {
    estimate = plan.cells() <= kMostLookedUp ? LookUpAll(plan, is_known, time)
                                             : LookUpSample(plan, is_known, time);
    if (!estimate.ok()) return estimate;
  } else {
    const PlanTotals totals = TotalsOf(plan);
    estimate->packs = totals.packs;
    estimate->flops = totals.flops;
    estimate->bytes = totals.bytes;
    estimate->worker_seconds = totals.flops / TrainingTime::kRoughFlopsPerSecond;
  }
  estimate->cells = static_cast<int64_t>(plan.cells());
  return estimate;
}

}  // namespace firstguess
