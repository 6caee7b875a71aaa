#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "coordinator/grid/pack_plan.h"
#include "coordinator/state/matching.h"
#include "coordinator/state/state.h"
#include "coordinator/state/transitions.h"
#include "coordinator/state/writes.h"

// What the state machine remembers. Only open things are here: a finished trial, an emptied pack
// and a forgotten lease are gone, and cells that no pack was opened for are not there yet.
namespace firstguess {

struct Lease;
struct Pack;

// A trial that is not final, or whose final status is being written.
struct Trial {
  TrialId id = 0;
  int64_t slot = 0;
  int64_t attempts = 0;  // charged
  TrialConfig config;
  TrialStatus status = TrialStatus::kPending;
  // The write that made `status` final is under way. Until it is committed the trial stays here, so
  // that results which arrive meanwhile wait for the outcome.
  bool committing = false;
  Pack* pack = nullptr;
  Lease* lease = nullptr;             // that has it now
  std::vector<Lease*> leases;         // all that ever had it
  std::vector<SweepId> wanted_by;     // ascending; sweeps that are not cancelled
  absl::Duration ready_at;            // not granted before
  std::vector<LeaseId> late_results;  // leases whose result waits for the outcome

  // May be granted: nobody has it and nothing is being written about it.
  bool idle() const { return lease == nullptr && !committing; }
};

// Trials that are leased together. It has at most one open lease.
struct Pack {
  PackId id = 0;
  std::shared_ptr<const Shape> shape;
  std::vector<Trial*> trials;  // by slot
  Lease* lease = nullptr;
  int64_t times_lost = 0;
  // Sweeps that list it in `ready`; ascending.
  std::vector<SweepId> offered_to;
  std::optional<absl::Duration> due;  // when a trial that backs off can be offered
};

struct Worker;

// A lease, open or over. One that is over is remembered while one of its trials is not final (its
// result would still be taken), and then, so that a doubled result is called a duplicate, as one of
// the last kRememberedLeases of a worker that is not forgotten. The bound is thus the attempts at
// open trials, plus kRememberedLeases per worker.
struct Lease {
  struct Member {
    TrialId id = 0;
    Trial* trial = nullptr;                    // null once it is final
    TrialStatus outcome = TrialStatus::kDone;  // of a final one
    bool open = true;                          // it is still to be reported
    bool reported = false;                     // by this lease's worker
  };

  LeaseId id = 0;
  LeaseState state = LeaseState::kOpening;
  std::string instance_id;
  Worker* worker = nullptr;     // null once it has ended
  Pack* pack = nullptr;         // likewise
  std::vector<Member> members;  // by trial id; empty while its pack is being opened
  int64_t open = 0;             // members still open
  int64_t unfinished = 0;       // members not final
  absl::Duration granted_at;
  bool begun = false;       // as the worker last said
  bool reclaiming = false;  // the worker was asked to hand it back
  bool ahead = false;       // it is in Impl::leases_ahead

  Member* Find(TrialId trial);
  const Member* Find(TrialId trial) const;
};

inline constexpr size_t kRememberedLeases = 16;

struct Worker {
  int64_t ordinal = 0;  // in the order of first sight; decides between equals
  WorkerDescription description;
  WorkerState state = WorkerState::kLost;
  bool drain_asked = false;
  // Handed something back by itself, so it may be leaving: nothing more before its next heartbeat.
  bool holding_back = false;
  absl::Duration heard_at;
  std::optional<absl::Duration> expires_at;  // while in Impl::expiries
  std::optional<absl::Duration> forget_at;   // while in Impl::departed
  std::vector<Lease*> leases;                // not ended, oldest first
  std::deque<LeaseId> remembered;
  int64_t last_grant_seen = 0;
  LeaseId awaited = 0;  // that was asked back from another worker for this idle one
  BarredShapes barred;
  int64_t trials_done = 0;
  std::optional<TrainerTime> trainer_time;  // as it last said; nothing since a restart
  std::optional<int64_t> hungry_key;        // its place in Impl::hungry
};

// One revision's plan, and how far it is.
struct RevisionPlan {
  std::shared_ptr<const PackPlan> plan;
  uint64_t cursor = 0;  // place of the next cell to open a pack for, live or the end

  bool fully_opened() const { return cursor >= plan->cells(); }
};

struct SweepRecord {
  SweepId id = 0;
  std::string name;
  std::string canonical;  // of the latest revision
  int64_t priority = 0;
  SweepState state = SweepState::kRunning;
  SweepCounters counters;
  absl::Time created_at;
  std::optional<absl::Time> finished_at;
  std::shared_ptr<const Sweep> sweep;  // of the latest revision; null if cancelled before a restart
  int64_t revision = 0;                // the latest
  std::vector<RevisionPlan> plans;     // by revision, from 1 on; packs are opened in this order
  size_t opening = 0;                  // the first of them that is not fully opened

  size_t cursor_shape_plan = 0;                   // that cursor_shape belongs to
  uint64_t cursor_shape_number = 0;               // in it
  std::shared_ptr<const Shape> cursor_shape;      // null: not known yet
  std::map<std::string, std::set<PackId>> ready;  // packs to grant again, by shape
  absl::flat_hash_set<TrialId> open_trials;       // that it wants
  int64_t turn = 0;                               // of its last grant, for round-robin
  std::optional<int64_t> offer_key;               // its turn in Impl::offers while it is there

  int64_t last_write = 0;    // that concerns the sweep itself
  int64_t state_writes = 0;  // under way
  // In the store, as of the last commit. Older than `state` while a write of it is under way; when
  // none is, it has the last word.
  SweepState stored_state = SweepState::kRunning;
  std::string pause_reason;
  int64_t forgiven_failures = 0;  // counted before a person resumed it

  bool fully_opened() const { return opening >= plans.size(); }
};

}  // namespace firstguess
