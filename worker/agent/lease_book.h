#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "firstguess/v1/work_service.pb.h"

namespace firstguess {

// What one worker owes its coordinator: leases it holds, and results and failures that were not
// acknowledged or sent yet. Pure bookkeeping: it sends nothing, it says what to send.
//
// A result is kept, whole, until it is acknowledged, whatever becomes of its lease or the
// connection: the coordinator takes the first complete result from any lease that it ever granted
// this worker. A lease that is over is held until everything of it was delivered; only then is its
// end reported.
//
// Thread-compatible.
class LeaseBook {
 public:
  struct Trial {
    int64_t trial_id = 0;
    std::string config;  // canonical JSON
  };
  struct Lease {
    int64_t lease_id = 0;
    std::vector<Trial> trials;
    double timeout_seconds_per_trial = 0;  // 0: none
    bool begun = false;
    bool stopping = false;  // told to stop; the reason is in `end`
    std::optional<v1::LeaseEnded> end;
    bool over = false;  // nothing trains it any more
  };

  // A lease that is held already is not added again.
  void Add(const v1::Grant& grant);

  // The oldest lease that nothing trains yet; null if there is none. Valid until the book changes.
  const Lease* NextToBegin() const;
  // Null if it is not held.
  const Lease* Find(int64_t lease_id) const;
  void Begin(int64_t lease_id);

  // A trial finished; its lease may be gone.
  void AddResult(int64_t lease_id, int64_t trial_id, v1::Trajectory trajectory);
  void AddFailure(v1::TrialFailed failure);

  // The lease is to end with this reason once its training has stopped; the first reason stays.
  void Stop(int64_t lease_id, v1::LeaseEnded::Reason reason, const std::string& message);
  // Nothing trains it any more. Without an earlier Stop it ends with `reason`.
  void SetOver(int64_t lease_id, v1::LeaseEnded::Reason reason, const std::string& message);
  // The coordinator does not know it, or any more: no end will be reported.
  void Forget(int64_t lease_id);

  // The next message that may go up: a failure, a result (at most `max_unacknowledged` are under
  // way), or the end of a lease that was delivered whole. It counts as sent; results may need
  // splitting.
  std::optional<v1::WorkerMessage> NextToSend(size_t max_unacknowledged);
  // The result was stored, or is not wanted: it is forgotten.
  void Acknowledge(int64_t lease_id, int64_t trial_id);

  // What was under way may be lost: it will be sent again.
  void ConnectionLost();
  // After a reconnect: results of other trials are not wanted and are forgotten.
  void KeepResults(const std::vector<int64_t>& wanted_trials);

  v1::Inventory Inventory() const;
  std::vector<int64_t> LeaseIds() const;
  bool empty() const { return leases_.empty() && results_.empty() && failures_.empty(); }
  bool holds_results() const { return !results_.empty() || !failures_.empty(); }

 private:
  struct Result {
    v1::Result message;
    bool sent = false;
  };
  using ResultKey = std::pair<int64_t, int64_t>;  // lease, trial

  bool Delivered(int64_t lease_id) const;

  std::map<int64_t, Lease> leases_;  // by id, which is by age
  std::map<ResultKey, Result> results_;
  std::vector<v1::TrialFailed> failures_;
};

}  // namespace firstguess
