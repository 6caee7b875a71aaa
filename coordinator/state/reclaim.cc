#include <algorithm>
#include <optional>
#include <vector>

#include "coordinator/state/impl.h"

// Workers hold a lease ahead of their need, so that none waits for a round trip. What they have not
// begun is asked back when another worker is idle, when its sweep pauses, and when a more urgent
// sweep begins: so that each of these shows at once, not after a pack.

namespace firstguess {
namespace {

// Leases looked at for one idle worker, so that a crowd of workers that can do none of them costs
// little.
constexpr int kMostLookedAt = 256;

}  // namespace

// Nothing is left to grant and `idle` holds nothing: asks another worker for a lease that it holds
// ahead of its need, the newest first. It comes back, and is granted, only if it was not begun
// meanwhile.
void State::Impl::Reclaim(Worker& idle) {
  const Lease* awaited = FindLease(idle.awaited);
  if (awaited != nullptr && awaited->reclaiming && awaited->state == LeaseState::kGranted) return;
  int looked_at = 0;
  for (auto id = leases_ahead.rbegin(); id != leases_ahead.rend(); ++id) {
    if (++looked_at > kMostLookedAt) return;
    Lease& lease = *FindLease(*id);
    if (!CanRun(idle, *lease.pack->shape)) continue;
    const bool useful = std::any_of(
        lease.members.begin(), lease.members.end(),
        [&](const Lease::Member& member) { return member.open && Serves(idle, *member.trial); });
    if (!useful) continue;
    idle.awaited = lease.id;
    AskBack(lease);
    return;
  }
}

// A sweep pauses: what no running sweep wants is not begun any more.
void State::Impl::ReclaimPaused() {
  for (const LeaseId id : std::vector<LeaseId>(leases_ahead.begin(), leases_ahead.end())) {
    Lease& lease = *FindLease(id);
    if (!UrgencyOf(lease).has_value()) AskBack(lease);
  }
}

// `sweep` begins to run: what less urgent sweeps were granted ahead gives way to it, the newest
// first, and no more than it can have use for.
void State::Impl::ReclaimFor(SweepRecord& sweep) {
  const SweepCounters& counters = sweep.counters;
  int64_t pending = counters.cells - counters.done - counters.failed - counters.leased;
  const std::vector<LeaseId> newest_first(leases_ahead.rbegin(), leases_ahead.rend());
  for (const LeaseId id : newest_first) {
    if (pending <= 0) return;
    Lease& lease = *FindLease(id);
    const Worker& worker = *lease.worker;
    if (!MeetsRequirements(worker.description, sweep.sweep->needs)) continue;
    if (!sweep.fully_opened() && !CanRun(worker, CursorShape(sweep))) continue;
    const std::optional<int64_t> urgency = UrgencyOf(lease);
    if (urgency.has_value() && *urgency >= sweep.priority) continue;
    AskBack(lease);
    --pending;
  }
}

// The highest priority of the running sweeps that want something of it; nothing if none does.
std::optional<int64_t> State::Impl::UrgencyOf(const Lease& lease) const {
  std::optional<int64_t> highest;
  for (const Lease::Member& member : lease.members) {
    if (!member.open) continue;
    for (const SweepId id : member.trial->wanted_by) {
      const SweepRecord& sweep = sweeps.at(id);
      if (sweep.state != SweepState::kRunning) continue;
      highest = std::max(highest.value_or(sweep.priority), sweep.priority);
    }
  }
  return highest;
}

void State::Impl::AskBack(Lease& lease) {
  lease.reclaiming = true;
  Send(*lease.worker, DropMessage{.lease_id = lease.id, .only_if_not_begun = true});
  Reindex(*lease.worker);
}

}  // namespace firstguess
