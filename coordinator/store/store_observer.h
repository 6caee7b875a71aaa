#pragma once

#include <cstdint>

#include "absl/time/time.h"
#include "coordinator/state/writes.h"

namespace firstguess {

// Is told what became durable, for those who count and log. Called on the writer's thread after
// COMMIT, in the order of the writes, before anybody is answered; must not block.
class StoreObserver {
 public:
  struct Commit {
    int64_t results = 0;  // of trials, among its writes
    absl::Duration time;  // from BEGIN to the end of COMMIT
  };

  virtual ~StoreObserver() = default;

  virtual void OnWrite(const Write& write, const WriteResult& result) = 0;
  // After its writes.
  virtual void OnCommit(const Commit& commit) = 0;
};

}  // namespace firstguess
