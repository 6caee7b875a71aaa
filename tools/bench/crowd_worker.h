#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "firstguess/v1/work_service.grpc.pb.h"
#include "worker/agent/backoff.h"
#include "worker/agent/event_queue.h"
#include "worker/agent/lease_book.h"
#include "worker/agent/session.h"

namespace firstguess {

// What all workers of a crowd share and count.
struct CrowdCounts {
  int64_t connected = 0;    // now
  int64_t disconnects = 0;  // streams that ended
  int64_t welcomes = 0;
  int64_t stored = 0;            // results acknowledged as STORED
  int64_t stored_on_return = 0;  // of them, on other connections than a worker's first
  int64_t known = 0;  // results that a welcome did not want: stored, their acknowledgement lost
  int64_t not_stored = 0;  // results acknowledged as anything else
  int64_t unsent = 0;      // results that are not acknowledged, now
  int64_t trained = 0;     // trials that training was begun for
  int64_t trained_again = 0;
  int64_t heartbeats = 0;
  int64_t missed_heartbeats = 0;  // not answered when the next one was due
  absl::Duration slowest_reply;   // to a heartbeat

  int64_t settled() const { return stored + known + not_stored; }
};

// A worker without a trainer: the agent's own lease book, back-off and stream, with heartbeats, and
// "training" that is nothing but time. Comes back when its connection breaks.
//
// Thread-bound: all on the thread that runs the queue's tasks.
class CrowdWorker {
 public:
  struct Options {
    std::string coordinator;
    int64_t number = 0;
    absl::Duration trial;  // how long one takes; several of a pack take as long one after the other
    const v1::Trajectory* trajectory = nullptr;
    Clock* clock = nullptr;
    EventQueue* queue = nullptr;
    CrowdCounts* counts = nullptr;
    std::set<int64_t>* begun = nullptr;  // trials, of all workers
  };

  explicit CrowdWorker(Options options);
  CrowdWorker(const CrowdWorker&) = delete;
  CrowdWorker& operator=(const CrowdWorker&) = delete;

  // When RunDue has something to do. Asked for after each task and RunDue.
  absl::Duration NextDeadline() const;
  void RunDue();

  // Doesn't come back. `open()` is false once its last stream is over.
  void Leave();
  bool open() const { return open_sessions_ > 0; }

 private:
  void Connect();
  void OnMessage(int64_t epoch, const v1::CoordinatorMessage& message);
  void OnOver(int64_t epoch);
  void BeginNext();
  void FinishTrial();
  void SendHeartbeat();
  void SendDue();
  void SetWelcomed(bool welcomed);
  absl::Duration Now() const { return options_.clock->MonotonicNow(); }

  const Options options_;
  const std::unique_ptr<v1::WorkService::Stub> stub_;
  LeaseBook book_;
  Backoff backoff_;
  std::shared_ptr<Session> session_;
  int64_t open_sessions_ = 0;
  int64_t epoch_ = 0;
  bool welcomed_ = false;
  bool leaving_ = false;
  v1::Inventory offered_;
  int64_t last_grant_number_ = 0;
  int64_t lease_id_ = 0;         // in training; 0: none
  std::vector<int64_t> trials_;  // of it, not finished; the last is in training
  absl::Duration finish_at_ = absl::InfiniteDuration();
  absl::Duration connect_at_;
  absl::Duration heartbeat_at_ = absl::InfiniteDuration();
  std::optional<absl::Duration> asked_at_;  // the oldest heartbeat that waits for an answer
};

}  // namespace firstguess
