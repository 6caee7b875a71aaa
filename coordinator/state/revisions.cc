#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/state/impl.h"

// A sweep whose spec changes keeps its name, its finished trials and what is under way. Revision r
// plans the cells that revision r - 1 does not have; the plans before it lose those that it drops.
// So every live cell is in exactly one plan.
namespace firstguess {

absl::Status State::Impl::CheckExtension(const SweepRecord& sweep, const SubmitSweep& event) const {
  if (sweep.state == SweepState::kCancelled) {
    return absl::FailedPreconditionError(
        absl::StrCat("sweep `", sweep.name,
                     "` is cancelled and can't be changed: choose another name for this one"));
  }
  if (event.extend) return absl::OkStatus();
  const uint64_t kept = CountShared(*event.sweep, *sweep.sweep);
  return absl::AlreadyExistsError(absl::StrCat(
      "sweep `", sweep.name, "` is there with another spec (revision ", sweep.revision,
      "): of its cells this one keeps ", kept, " and drops ", sweep.sweep->raw_cells() - kept,
      ", and it adds ", event.sweep->raw_cells() - kept,
      "; submit it as the next revision (extend), or choose another name"));
}

// The latest revision's plan, behind those that are there.
void State::Impl::AddRevision(SweepRecord& sweep, std::shared_ptr<const Sweep> spec) {
  for (RevisionPlan& earlier : sweep.plans) {
    earlier.plan = std::make_shared<const PackPlan>(earlier.plan->Within(*spec));
    earlier.cursor = earlier.plan->NextLive(earlier.cursor);
  }
  sweep.plans.push_back({.plan = std::make_shared<const PackPlan>(spec, sweep.sweep.get())});
  sweep.sweep = std::move(spec);
  ++sweep.revision;
  FindOpening(sweep);
}

void State::Impl::Extend(SweepRecord& sweep, const SubmitSweep& event) {
  const bool drops = CountShared(*event.sweep, *sweep.sweep) < sweep.sweep->raw_cells();
  if (sweep.offer_key.has_value()) {
    offers.erase({-sweep.priority, *std::exchange(sweep.offer_key, std::nullopt), sweep.id});
  }
  AddRevision(sweep, event.sweep);
  sweep.canonical = event.sweep->canonical;
  sweep.priority = event.sweep->priority;
  ExtendSweep write = {.sweep_id = sweep.id,
                       .revision = sweep.revision,
                       .spec = event.spec_text,
                       .canonical = sweep.canonical,
                       .priority = sweep.priority,
                       .cells = static_cast<int64_t>(sweep.sweep->raw_cells()),
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
