#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/coordinator/state/books.h"
#include "tests/coordinator/state/machine.h"

namespace firstguess {

// A small cluster on simulated time: one coordinator, three workers, two sweeps that share trials,
// and a person. What happens next is drawn from a seed: messages are lost, doubled, delayed and
// reordered, workers die, fail and return, the coordinator restarts between any two writes, sweeps
// are paused, cancelled, retried and edited. After each step it is checked that what must always
// hold does.
class World {
 public:
  struct Hazards {
    bool network = true;   // messages may be lost, doubled, reordered
    bool deaths = true;    // workers die
    bool people = true;    // pause, resume, cancel, retry, edit, drain
    bool failures = true;  // trials and leases fail
    // The coordinator restarts at random, or, if set, exactly once: behind this many writes.
    bool restarts = true;
    int64_t restart_after_write = -1;
  };

  World(uint64_t seed, Hazards hazards);

  // One random thing happens.
  void Step();
  // Nothing goes wrong any more, and paused sweeps are resumed: everything must finish.
  void Finish();

  int64_t writes() const { return writes_; }

 private:
  static constexpr FailureClass kFailures[] = {FailureClass::kCrash, FailureClass::kTimeout,
                                               FailureClass::kOutOfMemory, FailureClass::kPreempted,
                                               FailureClass::kInvalid};

  struct Task {
    std::vector<TrialId> left;  // trials to train
    bool begun = false;
  };
  struct Worker {
    std::string instance_id;
    int64_t epoch = 0;
    bool connected = false;
    bool draining = false;
    std::map<LeaseId, Task> tasks;
    std::set<std::pair<LeaseId, TrialId>> unacknowledged;
    int64_t last_grant = 0;
    std::deque<Event> up;
    std::deque<ToWorker> down;
  };

  uint64_t Draw(uint64_t below) { return random_() % below; }
  bool Chance(uint64_t percent) { return Draw(100) < percent; }

  void Apply(const Event& event);
  bool Execute();
  bool Report();
  void Route();
  void Restart();

  void Submit(size_t sweep);
  std::string DrawSpec(size_t sweep);
  void Edit(size_t sweep);
  void CheckCells();
  void Person();
  void Act(Worker& worker);
  void Train(Worker& worker, LeaseId lease, Task& task);
  void Connect(Worker& worker);
  void Replace(Worker& worker);
  template <typename Message>
  bool Pick(std::deque<Message>& queue, Message* picked);
  void DeliverUp(Worker& worker);
  void DeliverDown(Worker& worker);
  void Receive(Worker& worker, const ToWorker& message);
  void Drop(Worker& worker, LeaseId lease, bool only_if_not_begun);
  WorkerHeartbeat HeartbeatOf(const Worker& worker) const;

  std::mt19937_64 random_;
  Hazards hazards_;
  Machine machine_;
  std::vector<Worker> workers_;
  std::vector<std::string> specs_;  // of the first revisions
  int64_t cells_ = 0;               // of each
  int64_t instances_ = 0;
  int64_t writes_ = 0;
  int64_t token_ = 0;
  bool disk_full_ = false;
  Books books_;
};

}  // namespace firstguess
