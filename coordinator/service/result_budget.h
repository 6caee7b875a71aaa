#pragma once

#include <atomic>
#include <cstdint>

#include "common/trajectory.h"

namespace firstguess {

// How many results are between a worker's stream and the disk. While there is no room, streams are
// not read, and HTTP/2 stops the workers. Thread-safe.
class ResultBudget {
 public:
  struct Limits {
    // Two of the store's transactions: one being committed, one collecting.
    int64_t results = 2'000;
    int64_t bytes = 16 << 20;
  };

  explicit ResultBudget(Limits limits) : limits_(limits) {}

  void Take(int64_t bytes) {
    results_.fetch_add(1, std::memory_order_relaxed);
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
  }
  void Release(int64_t bytes) {
    results_.fetch_sub(1, std::memory_order_relaxed);
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
  }
  int64_t results() const { return results_.load(std::memory_order_relaxed); }
  bool has_room() const {
    return results_.load(std::memory_order_relaxed) < limits_.results &&
           bytes_.load(std::memory_order_relaxed) < limits_.bytes;
  }

 private:
  const Limits limits_;
  std::atomic<int64_t> results_ = 0;
  std::atomic<int64_t> bytes_ = 0;
};

// What a trajectory takes in memory, about.
inline int64_t BytesOf(const Trajectory& trajectory) {
  size_t bytes = 0;
  for (const Snapshot& snapshot : trajectory.snapshots) {
    bytes += sizeof(Snapshot) + VectorBytes(snapshot);
  }
  return static_cast<int64_t>(bytes);
}

}  // namespace firstguess
