#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/time/time.h"
#include "common/spec/trial.h"
#include "common/trajectory.h"

// What the state machine asks the store to make durable. Each write is one change that must happen
// whole; the store runs writes in order, many to a transaction. Plain values, no SQL.
namespace firstguess {

using SweepId = int64_t;
using PackId = int64_t;
using LeaseId = int64_t;
using TrialId = int64_t;

// Wall-clock times in writes are only recorded, never compared.

enum class SweepState { kRunning, kPaused, kCancelled, kDone };
enum class TrialStatus { kPending, kLeased, kDone, kFailed, kCancelled };
// The words of the database's `failure_class`, `lease.outcome` and `attempt.outcome`.
enum class FailureClass {
  kCrash,
  kTimeout,
  kOutOfMemory,
  kLost,
  kPreempted,
  kInvalid,
  kInitCondition
};

absl::string_view SweepStateName(SweepState state);
absl::string_view TrialStatusName(TrialStatus status);
absl::string_view FailureClassName(FailureClass failure);

struct SweepCounters {
  int64_t cells = 0;
  int64_t done = 0;
  int64_t failed = 0;
  int64_t cancelled = 0;
  int64_t leased = 0;
  int64_t diverged = 0;

  bool operator==(const SweepCounters&) const = default;
};

// A lease as it is recorded.
struct LeaseRecord {
  LeaseId lease_id = 0;
  std::string worker;       // its name
  std::string instance_id;  // of the worker process
  absl::Time granted_at;
};

struct PlannedCell {
  uint64_t cell = 0;  // raw position in the revision
  int64_t slot = 0;   // position in the pack
  TrialConfig config;
};

// A new sweep at revision 1, running.
struct InsertSweep {
  SweepId sweep_id = 0;
  std::string name;
  std::string spec;        // the file's text
  std::string canonical;   // Sweep::canonical
  int64_t plan_rules = 1;  // PackPlan::Rules
  int64_t priority = 0;
  int64_t cells = 0;
  absl::Time at;
};

// A new revision of a sweep that is not cancelled. Live cells that `drops` names are marked as
// dropped in it and leave the counters; a done sweep with new cells is running again in the same
// commit. Open trials that the sweep has no live cell of any more come back as `dropped`.
struct ExtendSweep {
  SweepId sweep_id = 0;
  int64_t revision = 2;
  std::string spec;
  std::string canonical;
  int64_t plan_rules = 1;
  int64_t priority = 0;
  int64_t cells = 0;
  // Of a raw position in an earlier revision: pure, and called on any thread. Null: none is
  // dropped.
  std::function<bool(int64_t revision, uint64_t cell)> drops;
  absl::Time at;
};

// Set to running or paused when its last cell is finished already, it is done after the commit.
struct SetSweepState {
  SweepId sweep_id = 0;
  SweepState state = SweepState::kRunning;
  absl::Time at;
};

// First grant of a planned pack: cells and missing trials appear, the pack's member list is written
// down (trials that another pack owns, or that are finished, are left out), and the remaining
// trials are leased. With no member left the lease is recorded as ended at once (`finished`).
struct OpenPack {
  PackId pack_id = 0;
  SweepId sweep_id = 0;
  int64_t revision = 1;
  uint64_t plan_index = 0;
  std::vector<PlannedCell> cells;
  LeaseRecord lease;
};

// Another attempt at some of a known pack's trials.
struct LeasePack {
  PackId pack_id = 0;
  std::vector<TrialId> trials;
  LeaseRecord lease;
};

// A complete result, from `lease_id`, for a trial that is not final. Closes every open attempt of
// the trial: the result may come from an expired lease while another one has the trial.
struct StoreResult {
  TrialId trial_id = 0;
  LeaseId lease_id = 0;
  std::string worker;
  absl::Time finished_at;
  std::shared_ptr<const Trajectory> trajectory;
};

// One attempt ended without a result. `charged` counts against the trial's attempts (column
// `attempts`); with `final_failure` the trial becomes failed, else pending.
struct EndAttempt {
  TrialId trial_id = 0;
  LeaseId lease_id = 0;
  FailureClass failure = FailureClass::kLost;
  std::string message;
  bool charged = false;
  bool final_failure = false;
  absl::Time at;
  std::string worker = "";  // its name; for observers
};

// A lease is over. Attempts of it that are still open are closed with the same outcome, and their
// trials become pending.
struct EndLease {
  LeaseId lease_id = 0;
  std::string outcome;  // finished returned dropped expired crash timeout out_of_memory preempted
                        // incapable lost
  std::string message;
  absl::Time at;
  std::string worker = "";  // its name; for observers
};

// A pack that failed is divided: each new pack takes over the listed trials.
struct SplitPack {
  struct Part {
    PackId pack_id = 0;
    std::vector<TrialId> trials;
  };
  PackId pack_id = 0;  // the parent
  std::vector<Part> parts;
};

// Nobody wants these any more: pending or leased become cancelled.
struct CancelTrials {
  std::vector<TrialId> trials;
  absl::Time at;
};

// Failed (of the given classes; empty: any) become pending again, their attempts forgotten. The
// trials that changed come back as `retried`. A done sweep with a live cell of one of them is
// running again in the same commit.
struct RetryFailed {
  SweepId sweep_id = 0;
  std::vector<FailureClass> classes;
};

using Write = std::variant<InsertSweep, ExtendSweep, SetSweepState, OpenPack, LeasePack,
                           StoreResult, EndAttempt, EndLease, SplitPack, CancelTrials, RetryFailed>;

// A trial as the store knows it.
struct StoredTrial {
  TrialId trial_id = 0;
  PackId pack_id = 0;  // the pack that owns it
  int64_t slot = 0;
  TrialStatus status = TrialStatus::kPending;
  int64_t attempts = 0;  // charged
  TrialConfig config;
};

struct ChangedSweep {
  SweepId sweep_id = 0;
  SweepState state = SweepState::kRunning;
  SweepCounters counters;
};

// What a committed write did. Only the members that its kind names are set.
struct WriteResult {
  // OpenPack: the trials leased by it, and those of its cells that belong to other packs and are
  // not final yet (the sweep now wants them too).
  std::vector<StoredTrial> members;
  std::vector<StoredTrial> shared;
  // RetryFailed: the trials, and like StoredPack::wanted_by who wants each.
  std::vector<StoredTrial> retried;
  std::vector<std::vector<SweepId>> retried_wanted_by;
  // ExtendSweep.
  std::vector<TrialId> dropped;
  // StoreResult: false if a result of this trial was stored before (the write changed nothing).
  bool stored = true;
  // Sweeps whose counters or state the write changed. A running or paused sweep becomes done in the
  // very commit that finishes its last cell.
  std::vector<ChangedSweep> sweeps;
};

// What a restart begins from: everything that is open.
struct StoredRevision {
  std::string spec;
  std::string canonical;
  int64_t plan_rules = 1;
  // Highest plan_index of a pack that it opened, if any (its plan's cursor stands behind that
  // pack).
  std::optional<uint64_t> last_plan_index;
};

struct StoredSweep {
  SweepId sweep_id = 0;
  std::string name;
  SweepState state = SweepState::kRunning;
  int64_t priority = 0;
  SweepCounters counters;
  std::vector<StoredRevision> revisions;  // from 1 on
  absl::Time created_at;
  std::optional<absl::Time> finished_at;
};

struct StoredLease {
  LeaseId lease_id = 0;
  PackId pack_id = 0;
  std::string worker;
  std::string instance_id;
  std::vector<TrialId> trials;  // of its open attempts
};

struct StoredPack {
  PackId pack_id = 0;
  SweepId sweep_id = 0;
  std::vector<StoredTrial> trials;  // the unfinished ones
  // Sweeps that want each trial, in the order of `trials`: those with a live cell of it, not
  // cancelled.
  std::vector<std::vector<SweepId>> wanted_by;
  int64_t times_lost = 0;  // leases of this pack that ended lost or expired
};

struct OpenWork {
  std::vector<StoredSweep> sweeps;  // all of them
  std::vector<StoredPack> packs;    // with at least one unfinished trial
  std::vector<StoredLease> leases;  // not ended
  SweepId last_sweep_id = 0;        // the counters that ids continue from
  PackId last_pack_id = 0;
  LeaseId last_lease_id = 0;
};

}  // namespace firstguess
