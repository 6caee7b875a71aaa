#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/state/writes.h"

namespace firstguess {

// What the store does, in plain maps and without a disk: the reference for the meaning of every
// write. It keeps no counters but counts cells anew each time, so that whoever keeps some can be
// held against it. Writes are executed whole, at once, in order.
//
// Thread-compatible.
class ModelStore {
 public:
  struct RevisionRow {
    std::string spec;
    std::string canonical;
    int64_t plan_rules = 1;
  };
  struct CellRow {
    TrialId trial_id = 0;
    std::optional<int64_t> dropped_in;  // none: live
  };
  struct SweepRow {
    std::string name;
    std::vector<RevisionRow> revisions;
    int64_t priority = 0;
    int64_t cells = 0;
    SweepState state = SweepState::kRunning;
    absl::Time created_at;
    std::optional<absl::Time> finished_at;
    // By revision and raw position, of cells that a pack was opened for.
    std::map<std::pair<int64_t, uint64_t>, CellRow> rows;

    // Whether a live cell is this trial.
    bool HasLive(TrialId trial_id) const;
  };
  struct TrialRow {
    TrialConfig config;
    TrialStatus status = TrialStatus::kPending;
    PackId pack_id = 0;
    int64_t slot = 0;
    int64_t attempts = 0;
    std::optional<FailureClass> failure;
    std::string failure_message;
    bool replanned = false;
    std::shared_ptr<const Trajectory> trajectory;
  };
  struct PackRow {
    SweepId sweep_id = 0;
    int64_t revision = 1;
    uint64_t plan_index = 0;
    std::optional<PackId> parent;
  };
  struct LeaseRow {
    PackId pack_id = 0;
    std::string worker;
    std::string instance_id;
    std::optional<std::string> outcome;  // none: open
  };
  struct AttemptRow {
    LeaseId lease_id = 0;
    std::optional<std::string> outcome;  // none: open
    std::string message;
  };

  WriteResult Execute(const Write& write);

  OpenWork LoadOpenWork() const;

  // Cells by the status of their trial. Cells without a trial count as pending, in a cancelled
  // sweep as cancelled.
  SweepCounters Count(SweepId sweep_id) const;

  // All rows, in words.
  std::string Describe() const;

  // The first write that made no sense: a trial leased twice, an id used again, a lease ended
  // twice.
  const absl::Status& health() const { return health_; }

  const std::map<SweepId, SweepRow>& sweeps() const { return sweeps_; }
  const std::map<TrialId, TrialRow>& trials() const { return trials_; }
  const std::map<PackId, PackRow>& packs() const { return packs_; }
  const std::map<LeaseId, LeaseRow>& leases() const { return leases_; }
  // Attempts at a trial, oldest first.
  const std::vector<AttemptRow>& attempts(TrialId trial_id) const { return attempts_.at(trial_id); }

 private:
  void Run(const InsertSweep& write, WriteResult& result);
  void Run(const ExtendSweep& write, WriteResult& result);
  void Run(const SetSweepState& write, WriteResult& result);
  void Run(const OpenPack& write, WriteResult& result);
  void Run(const LeasePack& write, WriteResult& result);
  void Run(const StoreResult& write, WriteResult& result);
  void Run(const EndAttempt& write, WriteResult& result);
  void Run(const EndLease& write, WriteResult& result);
  void Run(const SplitPack& write, WriteResult& result);
  void Run(const CancelTrials& write, WriteResult& result);
  void Run(const RetryFailed& write, WriteResult& result);

  void Expect(bool condition, absl::string_view what, int64_t id);
  void AddLease(const LeaseRecord& lease, PackId pack_id);
  void StartAttempt(TrialId trial_id, LeaseId lease_id);
  // Closes the open attempt of `trial_id` by `lease_id` (any lease: 0), if there is one.
  bool CloseAttempt(TrialId trial_id, LeaseId lease_id, absl::string_view outcome,
                    absl::string_view message);
  StoredTrial Stored(TrialId trial_id) const;
  std::vector<SweepId> WantedBy(TrialId trial_id) const;
  bool IsFinished(SweepId sweep_id) const;

  std::map<SweepId, SweepRow> sweeps_;
  std::map<TrialId, TrialRow> trials_;
  std::map<std::string, TrialId> trials_by_key_;
  std::map<PackId, PackRow> packs_;
  std::map<LeaseId, LeaseRow> leases_;
  std::map<TrialId, std::vector<AttemptRow>> attempts_;
  absl::Status health_;
};

}  // namespace firstguess
