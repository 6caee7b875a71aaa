#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/spec/sweep.h"
#include "coordinator/state/writes.h"

namespace firstguess {

// ---- What happens -------------------------------------------------------------------------------

struct WorkerDescription {
  std::string name;
  std::string instance_id;
  int64_t epoch = 0;
  std::string build;
  std::string device;  // "cpu", "cuda"
  std::string device_name;
  int64_t memory_bytes = 0;
  std::vector<std::string> datasets;
  std::vector<std::string> labels;
  std::string cannot_work_reason;
  int64_t capacity = 2;
  std::string job = {};  // of a batch system; empty: none
  std::string log = {};  // file with what it prints; empty: none
};

struct HeldLease {
  LeaseId lease_id = 0;
  bool begun = false;
};

struct UnsentResult {
  LeaseId lease_id = 0;
  TrialId trial_id = 0;
};

// A person submits a sweep. Answered (Reply with `token`) with the new sweep, or the known one of
// the same name and canonical spec. Another spec under a known name becomes its next revision if
// `extend` is set; else it is AlreadyExists, with the numbers of cells that would change.
struct SubmitSweep {
  int64_t token = 0;
  std::string request_id;
  std::shared_ptr<const Sweep> sweep;
  std::string spec_text;
  bool extend = false;
};
// Answered (SweepReply with `token`).
struct ChangeSweep {
  enum class Kind { kPause, kResume, kCancel, kRetryFailed };
  int64_t token = 0;
  std::string name;
  Kind kind = Kind::kPause;
  std::vector<FailureClass> classes;  // of kRetryFailed; empty: all
};
struct DrainWorker {
  int64_t token = 0;
  std::string name;  // or instance id
};
// Of all trainer processes of a worker, since it began; it only grows.
struct TrainerTime {
  double seconds = 0;       // that they lived
  double busy_seconds = 0;  // of these, in training
};
struct WorkerConnected {
  WorkerDescription worker;
  std::vector<HeldLease> leases;
  std::vector<UnsentResult> unsent;
  TrainerTime trainer_time = {};
};
struct WorkerHeartbeat {
  std::string instance_id;
  int64_t epoch = 0;
  std::vector<HeldLease> leases;
  int64_t last_grant_number = 0;
  TrainerTime trainer_time = {};
  bool leaving = false;  // it takes nothing more
};
// The last word of a worker that stops; no sign that it will take more.
struct WorkerTrainerTime {
  std::string instance_id;
  int64_t epoch = 0;
  TrainerTime trainer_time;
};
// The stream is gone. Leases stay until they expire or the worker is back.
struct WorkerDisconnected {
  std::string instance_id;
  int64_t epoch = 0;
};
// A whole result, already checked against the shape of the trial by the edge.
struct ResultArrived {
  std::string instance_id;
  LeaseId lease_id = 0;
  TrialId trial_id = 0;
  std::shared_ptr<const Trajectory> trajectory;
};
struct TrialReportedFailed {
  std::string instance_id;
  LeaseId lease_id = 0;
  TrialId trial_id = 0;
  FailureClass failure = FailureClass::kCrash;
  std::string message;
};
struct LeaseReportedEnded {
  enum class Reason {
    kFinished,
    kReturned,
    kDropped,
    kCrashed,
    kPreempted,
    kIncapable,
    kTimedOut,
    kOutOfMemory
  };
  std::string instance_id;
  LeaseId lease_id = 0;
  Reason reason = Reason::kFinished;
  std::string message;
};
// A write of these Effects was committed (every write is reported, in order).
struct WriteCommitted {
  int64_t write_number = 0;
  WriteResult result;
};
struct DiskFull {
  bool full = false;
};
// Time passed. To be sent at least once a second.
struct Tick {};

using Event = std::variant<SubmitSweep, ChangeSweep, DrainWorker, WorkerConnected, WorkerHeartbeat,
                           WorkerTrainerTime, WorkerDisconnected, ResultArrived,
                           TrialReportedFailed, LeaseReportedEnded, WriteCommitted, DiskFull, Tick>;

// ---- What follows -------------------------------------------------------------------------------

struct NumberedWrite {
  int64_t number = 0;
  Write write;
};

// To a worker. Messages for a worker that is gone are dropped by the edge: the next heartbeat
// heals.
struct WelcomeMessage {
  std::vector<LeaseId> drop;
  std::vector<TrialId> wanted;
  absl::Duration heartbeat_interval;
};
struct HeartbeatReplyMessage {
  std::vector<LeaseId> drop;
};
struct GrantMessage {
  struct Member {
    TrialId trial_id = 0;
    int64_t slot = 0;
    TrialConfig config;
  };
  LeaseId lease_id = 0;
  // Grows from grant to grant of one worker instance, across restarts too.
  int64_t grant_number = 0;
  std::vector<Member> members;       // by slot
  absl::Duration timeout_per_trial;  // zero: none
};
struct DropMessage {
  LeaseId lease_id = 0;
  bool only_if_not_begun = false;
};
struct ResultAckMessage {
  enum class Outcome { kStored, kDuplicate, kPermissionDenied, kNotFound, kInvalid, kUnwanted };
  LeaseId lease_id = 0;
  TrialId trial_id = 0;
  Outcome outcome = Outcome::kStored;
};
struct DrainMessage {};
struct GoodbyeMessage {
  std::string reason;
  absl::Duration retry_after;  // zero: do not come back
};
struct ToWorker {
  std::string instance_id;
  int64_t epoch = 0;
  std::variant<WelcomeMessage, HeartbeatReplyMessage, GrantMessage, DropMessage, ResultAckMessage,
               DrainMessage, GoodbyeMessage>
      message;
};
// To whoever asked with `token`.
struct Reply {
  int64_t token = 0;
  absl::Status status;
  SweepId sweep_id = 0;
  bool existed = false;   // SubmitSweep: with the same spec
  bool extended = false;  // SubmitSweep: it is a new revision
  int64_t count = 0;      // workers told, by DrainWorker
};

// A worker that was connected and was not heard of for a lease's duration.
struct SilentWorker {
  std::string name;
  std::string instance_id;
  int64_t leases = 0;  // that it held
};

struct Effects {
  // In order.
  std::vector<NumberedWrite> writes;
  // To leave in the order in which Apply returned them. They depend on no write that is not yet
  // reported as committed (a grant or an acknowledgement follows from its WriteCommitted), so they
  // may leave at once.
  std::vector<ToWorker> messages;
  // To leave when all of `writes` are committed.
  std::vector<Reply> replies;
  // Only to be told.
  std::vector<SilentWorker> silent;
};

// ---- What is seen -------------------------------------------------------------------------------

struct SweepView {
  SweepId sweep_id = 0;
  std::string name;
  int64_t revision = 1;
  SweepState state = SweepState::kRunning;
  int64_t priority = 0;
  SweepCounters counters;
  absl::Time created_at;
  std::optional<absl::Time> finished_at;
  std::string waiting_reason;
};
struct WorkerView {
  WorkerDescription worker;
  std::string state;  // connected, draining, lost, cannot work
  int64_t leases = 0;
  int64_t trials = 0;  // of its leases, not done yet
  int64_t trials_done = 0;
  absl::Duration heartbeat_age;
  TrainerTime trainer_time;
};

// ---- The state machine --------------------------------------------------------------------------

// Sweeps, packs, leases, trials and workers, and every decision about them. Pure: no clock, lock,
// thread, I/O or randomness; what it decides follows from its events and the time given with them.
// It holds what is open, never a whole grid. Every test runs it on simulated time.
//
// Thread-compatible.
class State {
 public:
  struct Options {
    absl::Duration lease_duration = absl::Seconds(30);  // beyond the last heartbeat
    absl::Duration heartbeat_interval = absl::Seconds(5);
    absl::Duration retry_delay = absl::Seconds(1);  // doubled at each charged attempt
    absl::Duration retry_delay_cap = absl::Minutes(1);
    int64_t pack_losses_before_split = 3;
    int64_t trial_losses_before_failure = 5;
  };

  // `now` is monotonic time; open leases expire lease_duration after it unless adopted.
  static absl::StatusOr<State> Restore(const OpenWork& work, const Options& options,
                                       absl::Duration now);

  // Applies one event. An error leaves the state as it was and names what was not possible.
  // `wall` is only copied into records.
  absl::StatusOr<Effects> Apply(const Event& event, absl::Duration now, absl::Time wall);

  // Configuration of a trial whose result from this lease would still be taken, for the edge's
  // checks; null if there is none (Apply then says which answer a result gets).
  const TrialConfig* ConfigOf(LeaseId lease_id, TrialId trial_id) const;

  std::vector<SweepView> Sweeps() const;
  std::vector<WorkerView> Workers(absl::Duration now) const;
  // Of all workers, since Restore.
  TrainerTime trainer_time() const;

  // What must always hold, for tests: an error names the first thing that doesn't.
  absl::Status CheckInvariants() const;

  // All it remembers, in words, for tests: states that are described alike behave alike.
  std::string Describe() const;

  State(State&&);
  State& operator=(State&&);
  ~State();

 private:
  struct Impl;
  explicit State(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace firstguess
