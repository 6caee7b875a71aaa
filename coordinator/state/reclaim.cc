#include <algorithm>

#include "coordinator/state/impl.h"

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
    lease.reclaiming = true;
    idle.awaited = lease.id;
    Send(*lease.worker, DropMessage{.lease_id = lease.id, .only_if_not_begun = true});
    Reindex(*lease.worker);
    return;
  }
}

}  // namespace firstguess
