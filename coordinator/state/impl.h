#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "coordinator/state/records.h"

namespace firstguess {

// The state machine's inside. One method group per file; each says here what it is about. Methods
// change the records and add to `effects`, which Apply hands out.
//
// Whatever decides something is iterated in an order that depends on ids and arrival alone; hash
// maps are only looked up in.
struct State::Impl {
  // What is to happen when a write is committed.
  struct NothingMore {};
  struct SweepWritten {
    SweepId sweep = 0;
    bool state = false;
  };
  struct SweepExtended {
    SweepId sweep = 0;
  };
  struct PackOpened {
    LeaseId lease = 0;
    SweepId sweep = 0;
  };
  struct PackLeased {
    LeaseId lease = 0;
  };
  struct ResultStored {
    LeaseId lease = 0;
    TrialId trial = 0;
    std::string instance_id;
  };
  struct TrialsEnded {
    std::vector<TrialId> trials;
  };
  struct FailuresRetried {
    SweepId sweep = 0;
  };
  using Completion = std::variant<NothingMore, SweepWritten, SweepExtended, PackOpened, PackLeased,
                                  ResultStored, TrialsEnded, FailuresRetried>;
  struct WriteUnderWay {
    int64_t number = 0;
    Completion completion;
  };
  struct Answered {
    SweepId sweep = 0;
    bool existed = false;
    bool extended = false;
  };

  // Of a sweep, by revision.
  using Plans = std::vector<std::shared_ptr<const PackPlan>>;

  explicit Impl(const Options& the_options) : options(the_options) {}

  // state.cc: events, and what every event ends with.
  void Handle(const Tick& event);
  void Handle(const DiskFull& event);
  void Settle();

  // commits.cc: writes, numbered and reported in order.
  int64_t Emit(Write write, Completion completion);
  absl::Status CheckCommit(const WriteCommitted& event) const;
  void Handle(const WriteCommitted& event);
  void ReplyAfter(int64_t write_number, Reply reply);
  void Complete(const NothingMore&, const WriteResult&) {}
  void Complete(const SweepWritten& done, const WriteResult& result);
  void Complete(const SweepExtended& done, const WriteResult& result);
  void Complete(const PackOpened& done, const WriteResult& result);
  void Complete(const PackLeased& done, const WriteResult& result);
  void Complete(const ResultStored& done, const WriteResult& result);
  void Complete(const TrialsEnded& done, const WriteResult& result);
  void Complete(const FailuresRetried& done, const WriteResult& result);

  // sweeps.cc: submitting and changing sweeps.
  void Handle(const SubmitSweep& event);
  absl::Status InsertOrExtend(const SubmitSweep& event, Answered* answer);
  void Insert(const SubmitSweep& event, SweepId id, const Plans& plans);
  void Handle(const ChangeSweep& event);
  void Pause(SweepRecord& sweep, std::string reason);
  void Resume(SweepRecord& sweep);
  void Cancel(SweepRecord& sweep);
  void MoveSweep(SweepRecord& sweep, SweepState to);
  void WriteState(SweepRecord& sweep, SweepState to);
  void Mirror(const ChangedSweep& changed);
  void FollowStore(SweepRecord& sweep);

  // revisions.cc: sweeps whose spec changes.
  static absl::StatusOr<Plans> PlansWith(const SweepRecord& sweep,
                                         std::shared_ptr<const Sweep> spec,
                                         PackPlan::Rules rules = PackPlan::Rules::kTapered);
  static absl::Status WouldChange(const SweepRecord& sweep, const PackPlan& plan);
  void Extend(SweepRecord& sweep, const SubmitSweep& event, const Plans& plans);
  void AddRevision(SweepRecord& sweep, std::shared_ptr<const Sweep> spec, const Plans& plans);

  // wants.cc: who wants a trial, and what happens when nobody does.
  void AddWant(Trial& trial, SweepId sweep);
  void DropWants(SweepRecord& sweep, std::vector<TrialId> dropped);
  void CancelUnwanted();

  // trials.cc: the life of a trial.
  Trial* AddTrial(const StoredTrial& stored, Pack& pack, const std::vector<SweepId>& wanted_by);
  void MoveTrial(Trial& trial, TrialStatus to);
  void LeaveLease(Trial& trial);
  void StartEnding(Trial& trial, TrialStatus to);
  void Forget(Trial& trial);

  // packs.cc: packs that wait to be granted again, and splitting.
  Pack& AddPack(PackId id, std::shared_ptr<const Shape> shape);
  Pack& PackFor(const StoredTrial& stored);
  void Offer(Pack& pack);
  void Withdraw(Pack& pack);
  void OfferDue();
  void EraseIfEmpty(Pack& pack);
  void Split(Pack& pack, const std::vector<Trial*>& trials);

  // leases.cc: the life of a lease.
  Lease& AddLease(LeaseId id, Worker& worker, Pack& pack);
  void AddMember(Lease& lease, Trial& trial);
  LeaseRecord RecordOf(const Lease& lease) const;
  void MoveLease(Lease& lease, LeaseState to);
  void GrantOrReturn(Lease& lease);
  void CloseLease(Lease& lease);
  void EndLease(Lease& lease, absl::string_view outcome, absl::string_view message);
  void EndIfReported(Lease& lease);
  void Retire(Lease& lease);
  Lease* FindLease(LeaseId id) const;

  // workers.cc: connections, heartbeats, expiry.
  void Handle(const WorkerConnected& event);
  void Handle(const WorkerHeartbeat& event);
  void Handle(const WorkerTrainerTime& event);
  void Handle(const WorkerDisconnected& event);
  void Handle(const DrainWorker& event);
  Worker& AddWorker(const std::string& instance_id);
  Worker* FindWorker(const std::string& instance_id);
  void MoveWorker(Worker& worker, WorkerState to);
  void Heard(Worker& worker);
  void TakeTrainerTime(Worker& worker, const TrainerTime& time);
  void ExpireWorkers();
  void ForgetWorkers();
  std::vector<LeaseId> Leftovers(const Worker& worker, const std::vector<HeldLease>& held) const;
  void Compare(Worker& worker, const std::map<LeaseId, bool>& held, bool new_stream);
  template <typename Message>
  void Send(const Worker& worker, Message message);

  // scheduling.cc: which pack next, for which worker.
  void Reindex(Worker& worker);
  void ListAhead(Lease& lease, bool ahead);
  void Wake(Worker& worker);
  void UpdateOffer(SweepRecord& sweep);
  void FindOpening(SweepRecord& sweep);
  void Schedule();
  bool GrantNext(Worker& worker);
  bool CanRun(const Worker& worker, const Shape& shape) const;
  bool Serves(const Worker& worker, const Trial& trial) const;
  void OpenNextPack(Worker& worker, SweepRecord& sweep);
  void LeaseAgain(Worker& worker, SweepRecord& sweep, Pack& pack);
  const Shape& CursorShape(SweepRecord& sweep) const;
  // reclaim.cc
  void Reclaim(Worker& idle);
  void ReclaimPaused();
  void ReclaimFor(SweepRecord& sweep);
  std::optional<int64_t> UrgencyOf(const Lease& lease) const;
  void AskBack(Lease& lease);

  // results.cc and failures.cc: what workers report.
  void Handle(const ResultArrived& event);
  void Acknowledge(const std::string& instance_id, LeaseId lease, TrialId trial,
                   ResultAckMessage::Outcome outcome);
  void Handle(const TrialReportedFailed& event);
  void Handle(const LeaseReportedEnded& event);
  void EndFailed(Lease& lease, FailureClass failure, const std::string& message);
  void EndLost(Lease& lease, absl::string_view outcome, absl::string_view message);
  void EndAttemptOf(Trial& trial, FailureClass failure, const std::string& message, bool charged,
                    bool final_failure);
  int64_t MaxAttempts(const Trial& trial) const;
  absl::Duration TimeoutOf(const Lease& lease) const;

  // restore.cc, views.cc, invariants.cc
  absl::Status RestoreFrom(const OpenWork& work);
  absl::Status RestoreSweep(const StoredSweep& stored);
  absl::Status RestoreRevision(SweepRecord& sweep, const StoredRevision& stored);
  absl::Status RestorePack(const StoredPack& stored);
  absl::Status RestoreLease(const StoredLease& stored);
  std::string WaitingReason(const SweepRecord& sweep) const;
  absl::Status CheckInvariants() const;
  absl::Status CheckTrials() const;
  absl::Status CheckPacks() const;
  absl::Status CheckLeases() const;
  absl::Status CheckWorkers() const;
  absl::Status CheckSweeps() const;

  // Records the first thing that could not be; Apply then fails for good.
  void Broken(absl::Status status);

  const Options options;
  absl::Status broken;

  // During an Apply.
  absl::Duration now;
  absl::Time wall;
  Effects effects;

  std::map<SweepId, SweepRecord> sweeps;
  std::map<std::string, SweepId> sweeps_by_name;
  std::map<std::string, Worker> workers;  // by instance id
  absl::flat_hash_map<PackId, std::unique_ptr<Pack>> packs;
  absl::flat_hash_map<LeaseId, std::unique_ptr<Lease>> leases;
  absl::flat_hash_map<TrialId, std::unique_ptr<Trial>> trials;

  SweepId last_sweep_id = 0;
  PackId last_pack_id = 0;
  LeaseId last_lease_id = 0;
  int64_t last_worker_ordinal = 0;
  TrainerTime trainer_time;
  int64_t last_turn = 0;

  int64_t last_write = 0;      // emitted
  int64_t last_committed = 0;  // reported
  std::deque<WriteUnderWay> under_way;
  int64_t packs_opening = 0;                            // OpenPack writes under way
  int64_t leases_opening = 0;                           // and LeasePack writes too
  std::map<int64_t, std::vector<Reply>> replies_after;  // by write number
  std::map<std::string, Answered> answered;             // by request id
  std::deque<std::string> answered_order;

  // Running sweeps with something to grant, by falling priority and then by turn.
  std::set<std::tuple<int64_t, int64_t, SweepId>> offers;
  // Workers that may be granted more, by number of leases and then ordinal.
  std::map<std::pair<int64_t, int64_t>, Worker*> hungry;
  // Granted, not begun, not asked back, and not their worker's oldest.
  std::set<LeaseId> leases_ahead;
  std::vector<Worker*> awake;  // hungry ones to look for work for, after this event
  bool new_work = false;       // look for all hungry ones
  bool throttled = false;      // too many leases are being opened
  bool disk_full = false;

  std::set<std::pair<absl::Duration, PackId>> due;  // packs whose trials back off
  std::set<TrialId> unwanted;                       // to be cancelled
  std::vector<LeaseId> restored_empty;              // leases to end: nothing of them is open
  std::optional<absl::Duration> last_tick;
  absl::Duration late;                                    // all expiries are later by this
  std::set<std::pair<absl::Duration, int64_t>> expiries;  // of workers not lost, by ordinal
  std::set<std::pair<absl::Duration, int64_t>> departed;  // workers to forget
  std::map<int64_t, Worker*> workers_by_ordinal;
};

template <typename Message>
void State::Impl::Send(const Worker& worker, Message message) {
  effects.messages.push_back({.instance_id = worker.description.instance_id,
                              .epoch = worker.description.epoch,
                              .message = std::move(message)});
}

}  // namespace firstguess
