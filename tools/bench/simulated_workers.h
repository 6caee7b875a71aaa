#pragma once

#include <cstdint>
#include <string>

namespace firstguess {

// Workers that answer each granted trial at once with the same made-up trajectory, as fast as the
// protocol allows (64 results unacknowledged). `snapshots` 0: a trial that measured nothing.
struct SimulatedWorkers {
  std::string coordinator;
  int64_t workers = 4;
  int64_t capacity = 4;  // leases of each
  int64_t snapshots = 0;
};

// Serves until the coordinator ends every stream. Exits on errors.
void RunSimulatedWorkers(const SimulatedWorkers& options);

}  // namespace firstguess
