#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "firstguess/v1/work_service.pb.h"

namespace firstguess {

// What one worker owes its coordinator: the leases that it holds, and the results and failures of
// their trials. Pure bookkeeping: it sends nothing, it says what to send.
//
// A result is kept, whole, until it is acknowledged, whatever becomes of its lease or the
// connection: the coordinator takes the first complete result from any lease that it ever granted
// this worker. The end of a lease is reported once everything of it was acknowledged. Failures and
// ends have no acknowledgement; the lease therefore stays in the inventory until the coordinator
// answers that it is not one of its open leases, and after a broken connection they are said again.
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
    std::set<int64_t> unreported;          // trials without a result or failure
    bool begun = false;
    bool over = false;                  // nothing trains it any more
    std::optional<v1::LeaseEnded> end;  // how it is to end; set by Stop and SetOver
    bool end_sent = false;
    std::map<int64_t, std::pair<v1::TrialFailed, bool>> failures;  // by trial; true: sent
  };

  // A lease that is held already is not added again.
  void Add(const v1::Grant& grant);

  // The oldest lease that nobody began; null if there is none. Valid until the book changes.
  const Lease* NextToBegin() const;
  // Null if it is not held.
  const Lease* Find(int64_t lease_id) const;
  void Begin(int64_t lease_id);

  // A trial finished. Its lease may be gone; the result is wanted all the same.
  void AddResult(int64_t lease_id, int64_t trial_id, v1::Trajectory trajectory);
  // A trial failed. Forgotten if its lease is gone: nobody waits for it.
  void AddFailure(v1::TrialFailed failure);

  // The lease is to end like this once nothing trains it any more; the first call counts.
  void Stop(int64_t lease_id, v1::LeaseEnded::Reason reason, const std::string& message);
  // Nothing trains it any more. It ends as FINISHED if every trial was reported, else as Stop said,
  // else like this.
  void SetOver(int64_t lease_id, v1::LeaseEnded::Reason reason, const std::string& message);
  // The coordinator says that it is not an open lease: neither its failures nor its end will be
  // reported. Its results stay.
  void Forget(int64_t lease_id);

  // The next message that may go up: a failure, a result (at most `max_unacknowledged` are under
  // way; may need splitting), or the end of a lease. From now on it counts as sent.
  std::optional<v1::WorkerMessage> NextToSend(size_t max_unacknowledged);
  // The result was stored, or is not wanted: it is forgotten.
  void Acknowledge(int64_t lease_id, int64_t trial_id);

  // What was sent may be lost: it will be sent again.
  void ConnectionLost();
  // The answer to an inventory: its results of other trials than `wanted` are forgotten. Those that
  // are newer than the inventory stay.
  void KeepWanted(const v1::Inventory& offered, const std::set<int64_t>& wanted);

  v1::Inventory Inventory() const;
  std::vector<int64_t> LeaseIds() const;

  // Results that are not acknowledged.
  size_t results() const { return results_.size(); }
  // Every lease is over, every result acknowledged, everything else sent.
  bool AllDelivered() const;

 private:
  using ResultKey = std::pair<int64_t, int64_t>;  // lease, trial

  Lease* FindMutable(int64_t lease_id);
  bool ResultsAcknowledged(int64_t lease_id) const;

  std::map<int64_t, Lease> leases_;  // by id, which is by age
  std::map<ResultKey, v1::Trajectory> results_;
  std::set<ResultKey> unsent_;  // of results_; the others are under way
};

}  // namespace firstguess
