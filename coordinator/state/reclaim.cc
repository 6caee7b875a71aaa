#include <algorithm>

#include "coordinator/state/impl.h"

namespace firstguess {

// Nothing is left to grant and `idle` holds nothing: asks another worker for a lease that it holds
// ahead of its need. It comes back, and is granted, only if it was not begun meanwhile.
void State::Impl::Reclaim(Worker& idle) {
  const Lease* awaited = FindLease(idle.awaited);
  if (awaited != nullptr && awaited->reclaiming && awaited->state == LeaseState::kGranted) return;
  for (const auto& [ordinal, worker] : loaded) {
    // The oldest lease is what the worker is at; the newest is farthest from its turn.
    for (size_t i = worker->leases.size() - 1; i > 0; --i) {
      Lease& lease = *worker->leases[i];
      if (lease.state != LeaseState::kGranted || lease.begun || lease.reclaiming) continue;
      if (!CanRun(idle, *lease.pack->shape)) continue;
      const bool useful = std::any_of(
          lease.members.begin(), lease.members.end(),
          [&](const Lease::Member& member) { return member.open && Serves(idle, *member.trial); });
      if (!useful) continue;
      lease.reclaiming = true;
      idle.awaited = lease.id;
      Send(*worker, DropMessage{.lease_id = lease.id, .only_if_not_begun = true});
      return;
    }
  }
}

}  // namespace firstguess
