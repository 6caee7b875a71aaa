#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/time.h"
#include "common/mutex.h"
#include "tools/bench/crowd_worker.h"

namespace firstguess {

// Many workers in one process, each with a connection of its own. Thread-safe.
class Crowd {
 public:
  struct Options {
    std::string coordinator;
    int64_t workers = 0;
    absl::Duration trial;
    // Each worker takes between half and one and a half times as long; else they go in step.
    bool spread = false;
    int64_t snapshots = 0;
  };

  // Returns before they are connected.
  explicit Crowd(const Options& options);
  // Breaks their connections.
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  CrowdCounts counts() EXCLUDES(mutex_);
  // Counts at the first moment that `condition` is true of them. Exits if that is not within a
  // minute, with `what` it was.
  CrowdCounts Await(const std::string& what,
                    const std::function<bool(const CrowdCounts&)>& condition) EXCLUDES(mutex_);

 private:
  void Run() EXCLUDES(mutex_);

  const v1::Trajectory trajectory_;
  EventQueue queue_;
  CrowdCounts live_;         // the thread's
  std::set<int64_t> begun_;  // the thread's
  std::vector<std::unique_ptr<CrowdWorker>> workers_;
  bool leaving_ = false;  // the thread's
  Mutex mutex_;
  CondVar changed_;
  CrowdCounts counts_ GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace firstguess
