#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "coordinator/state/state.h"
#include "tests/coordinator/state/model_store.h"

namespace firstguess {

// A coordinator without threads, sockets or a disk: the state machine over a model store, on time
// that moves only when told. Writes wait until they are executed, results until they are reported,
// replies until their writes are; so a test can stop, or restart, at any point between. Invariants
// are checked after every event.
class Machine {
 public:
  explicit Machine(State::Options options = {});

  void Apply(const Event& event);

  // One step of the store each; false when there is nothing to do.
  bool ExecuteOne();  // makes one write durable
  bool ReportOne();   // tells the state machine of one durable write
  // Both until nothing is under way.
  void Settle();

  // Loses everything that is not durable, as a crash does.
  void Restart();

  // Ticks once a second until `by` has passed.
  void Advance(absl::Duration by);
  // Without a tick.
  void Jump(absl::Duration by) { now_ += by; }

  // Submits and settles; the reply, too.
  Reply Submit(const std::string& spec, const std::string& request_id = "", bool extend = false);
  Reply Change(const std::string& name, ChangeSweep::Kind kind,
               std::vector<FailureClass> classes = {});
  // A worker that can do everything, unless `change` says otherwise. Settles.
  void Connect(const std::string& instance_id, int64_t epoch = 1,
               std::vector<HeldLease> leases = {}, std::vector<UnsentResult> unsent = {});
  void Connect(WorkerDescription worker, std::vector<HeldLease> leases = {},
               std::vector<UnsentResult> unsent = {});
  // The worker lists `leases`, the state machine settles.
  void Heartbeat(const std::string& instance_id, std::vector<HeldLease> leases,
                 int64_t last_grant_number = 0, int64_t epoch = 1);
  void Result(const std::string& instance_id, LeaseId lease, TrialId trial);
  void Fail(const std::string& instance_id, LeaseId lease, TrialId trial, FailureClass failure);
  void End(const std::string& instance_id, LeaseId lease, LeaseReportedEnded::Reason reason);

  // Messages of one kind sent to a worker so far that were not taken yet, oldest first.
  template <typename Message>
  std::vector<Message> Take(const std::string& instance_id) {
    std::vector<Message> taken;
    std::erase_if(sent_, [&](const ToWorker& sent) {
      const auto* message = std::get_if<Message>(&sent.message);
      if (message == nullptr || sent.instance_id != instance_id) return false;
      taken.push_back(*message);
      return true;
    });
    return taken;
  }
  std::optional<ResultAckMessage::Outcome> TakeAck(const std::string& instance_id);
  std::vector<ToWorker> TakeAll() { return std::exchange(sent_, {}); }
  std::vector<Reply> TakeReplies() { return std::exchange(replies_, {}); }

  SweepView View(const std::string& name) const;
  WorkerView WorkerOf(const std::string& instance_id) const;

  State& state() { return *state_; }
  const ModelStore& store() const { return store_; }
  // State, store and what is under way between them, in words: machines that are described alike
  // behave alike.
  std::string Describe() const;
  // Whether invariants are checked after every event, as they are unless told otherwise.
  void set_checking(bool checking) { checking_ = checking; }
  bool has_queued() const { return !queued_.empty(); }
  bool has_executed() const { return !executed_.empty(); }
  bool idle() const { return queued_.empty() && executed_.empty(); }
  absl::Duration now() const { return now_; }

 private:
  State::Options options_;
  ModelStore store_;
  std::optional<State> state_;
  absl::Duration now_ = absl::Hours(1);
  bool checking_ = true;
  std::deque<NumberedWrite> queued_;
  std::deque<WriteCommitted> executed_;
  std::deque<std::pair<int64_t, Reply>> held_;  // by the write that they wait for
  int64_t last_write_ = 0;
  int64_t last_token_ = 0;
  std::vector<ToWorker> sent_;
  std::vector<Reply> replies_;
};

WorkerDescription AbleWorker(const std::string& instance_id, int64_t epoch = 1);

// A valid sweep file, parsed once: tests that make many machines submit the same few files. Not
// thread-safe.
std::shared_ptr<const Sweep> ParsedSpec(const std::string& spec);

// A sweep file of `trials` cells that differ in their seed, from `first_seed` on; `extra` are more
// lines of it.
std::string SpecOf(const std::string& name, int64_t trials, const std::string& extra = "",
                   int64_t first_seed = 0);

}  // namespace firstguess
