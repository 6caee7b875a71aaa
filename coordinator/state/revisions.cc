#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/state/impl.h"

// A sweep whose spec changes keeps its name, its finished trials and what is under way. Revision r
// plans the cells that revision r - 1 does not have; the plans before it lose those that it drops.
// So every live cell is in exactly one plan.
namespace firstguess {

// The plans once `spec` is the next revision: those that are there, less what it drops, and its
// own behind them.
absl::StatusOr<State::Impl::Plans> State::Impl::PlansWith(const SweepRecord& sweep,
                                                          std::shared_ptr<const Sweep> spec,
                                                          PackPlan::Rules rules) {
  const PackPlan* previous = sweep.plans.empty() ? nullptr : sweep.plans.back().plan.get();
  absl::StatusOr<PackPlan> own = PackPlan::Make(std::move(spec), previous, rules);
  if (!own.ok()) return own.status();
  Plans plans;
  for (const RevisionPlan& earlier : sweep.plans) {
    absl::StatusOr<PackPlan> left = earlier.plan->Within(*own);
    if (!left.ok()) return left.status();
    plans.push_back(std::make_shared<const PackPlan>(*std::move(left)));
  }
  plans.push_back(std::make_shared<const PackPlan>(*std::move(own)));
  return plans;
}

// What `plan`, of the next revision, would change: the answer to whom did not ask for that.
absl::Status State::Impl::WouldChange(const SweepRecord& sweep, const PackPlan& plan) {
  const uint64_t kept = plan.sweep_cells() - plan.cells();
  const uint64_t there = sweep.plans.back().plan->sweep_cells();
  return absl::AlreadyExistsError(absl::StrCat(
      "sweep `", sweep.name, "` is there with another spec (revision ", sweep.revision,
      "): of its cells this one keeps ", kept, " and drops ", there - kept, ", and it adds ",
      plan.cells(), "; submit it as the next revision (extend), or choose another name"));
}

// `plans`: PlansWith(sweep, spec).
void State::Impl::AddRevision(SweepRecord& sweep, std::shared_ptr<const Sweep> spec,
                              const Plans& plans) {
  sweep.plans.push_back({.plan = nullptr});
  for (size_t i = 0; i < plans.size(); ++i) {
    sweep.plans[i].plan = plans[i];
    sweep.plans[i].cursor = plans[i]->NextLive(sweep.plans[i].cursor);
  }
  sweep.sweep = std::move(spec);
  ++sweep.revision;
  FindOpening(sweep);
}

void State::Impl::Extend(SweepRecord& sweep, const SubmitSweep& event, const Plans& plans) {
  const PackPlan& own = *plans.back();
  const uint64_t kept = own.sweep_cells() - own.cells();
  const bool drops = kept < sweep.plans.back().plan->sweep_cells();
  if (sweep.offer_key.has_value()) {
    offers.erase({-sweep.priority, *std::exchange(sweep.offer_key, std::nullopt), sweep.id});
  }
  AddRevision(sweep, event.sweep, plans);
  sweep.canonical = event.sweep->canonical;
  sweep.priority = event.sweep->priority;
  ExtendSweep write = {.sweep_id = sweep.id,
                       .revision = sweep.revision,
                       .spec = event.spec_text,
                       .canonical = sweep.canonical,
                       .plan_rules = static_cast<int64_t>(own.rules()),
                       .priority = sweep.priority,
                       .cells = static_cast<int64_t>(own.sweep_cells()),
                       .drops = nullptr,
                       .at = wall};
  if (drops) {
    write.drops = [plans = sweep.plans](int64_t revision, uint64_t cell) {
      return !plans[static_cast<size_t>(revision - 1)].plan->IsLive(cell);
    };
  }
  sweep.last_write = Emit(std::move(write), SweepExtended{.sweep = sweep.id});
  UpdateOffer(sweep);
  if (sweep.state == SweepState::kRunning) ReclaimFor(sweep);
}

void State::Impl::Complete(const SweepExtended& done, const WriteResult& result) {
  SweepRecord& sweep = sweeps.at(done.sweep);
  sweep.forgiven_failures = std::min(sweep.forgiven_failures, sweep.counters.failed);
  // It may have been cancelled meanwhile, and wants nothing any more.
  if (sweep.state != SweepState::kCancelled) DropWants(sweep, result.dropped);
}

}  // namespace firstguess
