#pragma once

#include "coordinator/store/store_observer.h"

namespace firstguess {

// Writes what an operator wants to know of sweeps, leases and failures to the log, once it is on
// disk: one line an event, with its ids. Leases that are granted and finished are for debugging.
// Thread-compatible.
class EventLog final : public StoreObserver {
 public:
  void OnWrite(const Write& write, const WriteResult& result) override;
  void OnCommit(const Commit&) override {}
};

}  // namespace firstguess
