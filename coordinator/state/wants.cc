#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "coordinator/state/impl.h"

// A trial is wanted by each sweep with a live cell of it that is not cancelled. It becomes
// cancelled only when nobody wants it.
namespace firstguess {
namespace {

// Trials of one CancelTrials write, so that no transaction grows without bound.
constexpr size_t kCancelledAtOnce = 1000;

bool IsWanted(const Lease::Member& member) {
  return member.open && !member.trial->wanted_by.empty();
}

}  // namespace

void State::Impl::AddWant(Trial& trial, SweepId id) {
  SweepRecord& sweep = sweeps.at(id);
  // The state machine is ahead of the store: the sweep may have been cancelled meanwhile.
  if (sweep.state == SweepState::kCancelled) return;
  const auto place = std::lower_bound(trial.wanted_by.begin(), trial.wanted_by.end(), id);
  if (place != trial.wanted_by.end() && *place == id) return;
  trial.wanted_by.insert(place, id);
  sweep.open_trials.insert(trial.id);
  unwanted.erase(trial.id);
}

// `sweep`, which wanted these open trials, does so no more: ends the leases that nobody wants
// anything of any more.
void State::Impl::DropWants(SweepRecord& sweep, std::vector<TrialId> dropped) {
  std::sort(dropped.begin(), dropped.end());
  std::set<PackId> touched;
  for (const TrialId id : dropped) {
    sweep.open_trials.erase(id);
    Trial& trial = *trials.at(id);
    std::erase(trial.wanted_by, sweep.id);
    if (trial.wanted_by.empty() && !trial.committing) unwanted.insert(id);
    touched.insert(trial.pack->id);
  }
  for (const PackId id : touched) {
    Pack& pack = *packs.at(id);
    if (pack.lease == nullptr) {
      Offer(pack);
      continue;
    }
    Lease& lease = *pack.lease;
    if (std::any_of(lease.members.begin(), lease.members.end(), IsWanted)) continue;
    if (lease.state == LeaseState::kGranted) {
      Send(*lease.worker, DropMessage{.lease_id = lease.id});
    }
    EndLease(lease, "dropped", "nobody wants its trials any more");
  }
}

// A pack that is being opened may bring a new want of any trial, in a write ahead of the
// cancellation. So nothing is cancelled while one is under way, and none is opened meanwhile.
void State::Impl::CancelUnwanted() {
  if (unwanted.empty() || packs_opening > 0) return;
  const std::vector<TrialId> all(unwanted.begin(), unwanted.end());
  for (size_t first = 0; first < all.size(); first += kCancelledAtOnce) {
    const size_t last = std::min(all.size(), first + kCancelledAtOnce);
    const std::vector<TrialId> some(all.begin() + static_cast<int64_t>(first),
                                    all.begin() + static_cast<int64_t>(last));
    Emit(CancelTrials{.trials = some, .at = wall}, TrialsEnded{.trials = some});
    for (const TrialId id : some) {
      Trial& trial = *trials.at(id);
      Lease* lease = trial.lease;
      StartEnding(trial, TrialStatus::kCancelled);
      if (lease != nullptr) EndIfReported(*lease);
    }
  }
  new_work = true;
}

}  // namespace firstguess
