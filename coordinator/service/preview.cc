#include "coordinator/service/preview.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/grid/cost.h"
#include "coordinator/grid/pack_plan.h"
#include "coordinator/grid/plan_totals.h"

namespace firstguess {
namespace {

constexpr uint64_t kCellsAtATime = 10'000;

// Trials that exist already, and what they would have cost.
struct Known {
  double trials = 0;
  double flops = 0;
  double bytes = 0;
};

// Every cell, shape by shape: all trials of a shape cost the same.
absl::StatusOr<Known> CountKnown(const PackPlan& plan, Store* store,
                                 const std::function<bool()>& cancelled) {
  Known known;
  uint64_t place = 0;
  while (place < plan.cells()) {
    if (cancelled()) return absl::CancelledError("the caller is gone");
    const uint64_t shape_end = (place / plan.cells_per_shape() + 1) * plan.cells_per_shape();
    const uint64_t end = std::min(shape_end, place + kCellsAtATime);
    const TrialConfig first = plan.grid().ConfigAt(plan.CellAt(place));
    std::vector<std::string> keys;
    for (; place < end; ++place) keys.push_back(TrialKey(plan.grid().ConfigAt(plan.CellAt(place))));
    const absl::StatusOr<int64_t> count = store->CountKnownTrials(keys);
    if (!count.ok()) return count.status();
    known.trials += static_cast<double>(*count);
    known.flops += static_cast<double>(*count) * TrialFlops(first);
    known.bytes += static_cast<double>(*count) * TrialBytes(first);
  }
  return known;
}

// The share of known trials among cells drawn with a fixed seed.
absl::StatusOr<double> SampleKnown(const PackPlan& plan, Store* store) {
  std::mt19937_64 generator(plan.cells());
  std::vector<std::string> keys;
  for (uint64_t i = 0; i < kSampledCells; ++i) {
    keys.push_back(TrialKey(plan.grid().ConfigAt(generator() % plan.cells())));
  }
  const absl::StatusOr<int64_t> count = store->CountKnownTrials(keys);
  if (!count.ok()) return count.status();
  return static_cast<double>(*count) / static_cast<double>(kSampledCells);
}

}  // namespace

absl::StatusOr<v1::PreviewResponse> PreviewOf(std::shared_ptr<const Sweep> sweep, const View& view,
                                              Store* store,
                                              const std::function<bool()>& cancelled) {
  const PackPlan plan(std::move(sweep));
  const PlanTotals totals = TotalsOf(plan);
  const auto cells = static_cast<double>(plan.cells());
  Known known;
  bool exact = true;
  if (view.sweeps.empty()) {
    // Without a sweep there are no trials.
  } else if (plan.cells() <= kMostCountedCells) {
    absl::StatusOr<Known> counted = CountKnown(plan, store, cancelled);
    if (!counted.ok()) return counted.status();
    known = *counted;
  } else {
    const absl::StatusOr<double> share = SampleKnown(plan, store);
    if (!share.ok()) return share.status();
    known = {*share * cells, *share * totals.flops, *share * totals.bytes};
    exact = false;
  }
  const double flops = std::max(0.0, totals.flops - known.flops);
  v1::PreviewResponse response;
  response.set_cells(static_cast<int64_t>(plan.cells()));
  response.set_trials_known(std::llround(known.trials));
  response.set_known_is_exact(exact);
  response.set_packs(std::llround(totals.packs));
  response.set_total_flops(flops);
  response.set_bytes(std::llround(std::max(0.0, totals.bytes - known.bytes)));
  if (view.flops_per_second > 0) response.set_seconds(flops / view.flops_per_second);
  return response;
}

}  // namespace firstguess
