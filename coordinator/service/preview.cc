#include "coordinator/service/preview.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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
    const uint64_t end = std::min(plan.ShapeEnd(place), place + kCellsAtATime);
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
    const uint64_t place = generator() % plan.cells();
    keys.push_back(TrialKey(plan.grid().ConfigAt(plan.CellAt(place))));
  }
  const absl::StatusOr<int64_t> count = store->CountKnownTrials(keys);
  if (!count.ok()) return count.status();
  return static_cast<double>(*count) / static_cast<double>(kSampledCells);
}

// What the sweep would change of the one that is there.
absl::StatusOr<v1::SpecChange> ChangeOf(const PackPlan& plan, const SweepView& there, Store* store,
                                        const std::function<bool()>& cancelled) {
  const absl::StatusOr<std::string> text = store->SpecText(there.sweep_id);
  if (!text.ok()) return text.status();
  const ParsedSweep before = ParseSweep(*text, there.name);
  if (!before.sweep.has_value()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the spec of sweep `", there.name,
        "`, as stored, is not valid for this version: ", before.errors.front().ToString()));
  }
  v1::SpecChange change;
  change.set_revision(there.revision);
  change.set_same_spec(before.sweep->canonical == plan.grid().sweep().canonical);
  const absl::StatusOr<PackPlan> plan_there =
      PackPlan::Make(std::make_shared<const Sweep>(*before.sweep));
  if (!plan_there.ok()) return plan_there.status();
  const absl::StatusOr<PackPlan> added = PackPlan::Make(plan.sweep(), &*plan_there);
  if (!added.ok()) return added.status();
  const uint64_t kept = added->sweep_cells() - added->cells();
  change.set_cells_kept(static_cast<int64_t>(kept));
  change.set_cells_dropped(static_cast<int64_t>(plan_there->sweep_cells() - kept));
  change.set_cells_added(static_cast<int64_t>(added->cells()));
  change.set_known_is_exact(added->cells() <= kMostCountedCells);
  if (change.known_is_exact()) {
    const absl::StatusOr<Known> known = CountKnown(*added, store, cancelled);
    if (!known.ok()) return known.status();
    change.set_trials_known(std::llround(known->trials));
  } else {
    const absl::StatusOr<double> share = SampleKnown(*added, store);
    if (!share.ok()) return share.status();
    change.set_trials_known(std::llround(*share * static_cast<double>(added->cells())));
  }
  return change;
}

}  // namespace

absl::StatusOr<v1::PreviewResponse> PreviewOf(std::shared_ptr<const Sweep> sweep, const View& view,
                                              Store* store,
                                              const std::function<bool()>& cancelled) {
  const absl::StatusOr<PackPlan> made = PackPlan::Make(sweep);
  if (!made.ok()) return made.status();
  const PackPlan& plan = *made;
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
  if (const SweepView* there = view.FindSweep(sweep->name)) {
    absl::StatusOr<v1::SpecChange> change = ChangeOf(plan, *there, store, cancelled);
    if (!change.ok()) return change.status();
    *response.mutable_change() = *std::move(change);
  }
  if (view.flops_per_second > 0) response.set_seconds(flops / view.flops_per_second);
  return response;
}

}  // namespace firstguess
