#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/mutex.h"
#include "firstguess/v1/work_service.grpc.pb.h"

namespace firstguess {

// What the coordinator takes for a trajectory of BenchConfig. `snapshots` 0: a trial that measured
// nothing.
v1::Trajectory WireTrajectory(int64_t snapshots);

// Workers that answer each granted trial at once with the same made-up trajectory, as fast as the
// protocol allows (64 results unacknowledged). They are heard of only while they are busy, and
// don't come back: for benchmarks that keep them busy to the end. Thread-compatible.
class SimulatedWorkers {
 public:
  struct Options {
    std::string coordinator;
    int64_t workers = 4;
    int64_t capacity = 4;  // leases of each
    int64_t snapshots = 0;
  };

  // Returns before they are connected. Exits on errors, later too.
  explicit SimulatedWorkers(const Options& options);
  // Waits until the coordinator, or its death, has ended every stream.
  ~SimulatedWorkers();
  SimulatedWorkers(const SimulatedWorkers&) = delete;
  SimulatedWorkers& operator=(const SimulatedWorkers&) = delete;

  // Until a result is acknowledged.
  void AwaitFirstStored();

 private:
  class Worker;
  class Signal;

  const v1::Trajectory trajectory_;
  const std::unique_ptr<Signal> stored_;
  std::vector<std::unique_ptr<v1::WorkService::Stub>> stubs_;
  std::vector<std::shared_ptr<Worker>> workers_;
};

}  // namespace firstguess
