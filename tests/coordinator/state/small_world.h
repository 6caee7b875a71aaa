#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/coordinator/state/books.h"
#include "tests/coordinator/state/machine.h"

namespace firstguess {

// A coordinator, two workers and a person, of whom a test tries every order of events. What is not
// modelled is left open instead: a worker may at any time say anything that it, or a message of
// it that was late, doubled or overtaken, could ever say of a lease that it was ever granted.
//
// What goes wrong, or is unusual, costs a hazard, of which a world has so many.
class SmallWorld {
 public:
  struct Start {
    std::vector<std::string> specs;   // submitted one after the other
    std::array<int64_t, 2> capacity;  // of each worker
    bool at_work = true;              // both are connected and were granted what they can take
    bool restarted = false;           // the coordinator has been, since
    int hazards = 2;
  };

  enum class Kind {
    kExecute,       // the store makes the next write durable
    kReport,        // the coordinator is told of it
    kRestart,       // all that is not durable is lost
    kWait,          // two thirds of a lease's duration pass
    kReturn,        // a new stream of a worker that still holds what it held
    kForget,        // a new stream of one that holds nothing any more
    kDisconnect,    // a stream ends
    kHeartbeat,     // with all that the worker holds
    kAmnesia,       // a heartbeat that saw all grants, and lists none
    kOldHeartbeat,  // one from before the first grant
    kResult,
    kFailed,  // of one trial, with a crash
    kFinished,
    kCrashed,
    kReturned,
    kDrain,  // the first worker
    kPause,  // the first sweep
    kResume,
    kCancel,
    kRetry
  };
  struct Action {
    Kind kind = Kind::kExecute;
    size_t worker = 0;
    LeaseId lease = 0;
    TrialId trial = 0;
    int hazards = 0;  // that it costs
  };

  // Without `checking`, nothing is checked on the way: for repeating what was checked.
  explicit SmallWorld(const Start& start, bool checking = true);

  // What may happen next.
  std::vector<Action> Possible() const;
  void Do(const Action& action);
  void set_checking(bool checking);

  // Worlds that are described alike behave alike.
  std::string Describe() const;

  // Nothing goes wrong any more: every sweep must end, with one final state per trial.
  void Finish();

 private:
  struct Worker {
    std::string instance_id;
    int64_t capacity = 1;
    int64_t epoch = 0;
    bool connected = false;
    std::map<LeaseId, std::vector<TrialId>> granted;  // ever
    std::set<LeaseId> held;                           // as it thinks
    std::set<LeaseId> asked_back;
    std::set<std::pair<LeaseId, TrialId>> reported;
    LeaseId last_grant = 0;
  };

  void Apply(const Event& event);
  void Route();
  void Receive(Worker& worker, const ToWorker& message);
  void Settle();
  void Wait();
  void Connect(Worker& worker, bool holds);
  void Heartbeat(Worker& worker, bool lists, bool saw);
  void Report(Worker& worker, LeaseId lease, TrialId trial);
  void End(Worker& worker, LeaseId lease, LeaseReportedEnded::Reason reason);
  void Change(ChangeSweep::Kind kind, const std::string& name);
  void AddWorkerActions(size_t number, std::vector<Action>* actions) const;
  void AddPersonActions(std::vector<Action>* actions) const;
  void WorkInPeace(Worker& worker);
  void CheckEnd();

  Machine machine_;
  Books books_;
  bool checking_;
  int hazards_;
  std::array<Worker, 2> workers_;
  int64_t token_ = 0;
};

// One line for a person.
std::string DescribeAction(const SmallWorld::Action& action);

}  // namespace firstguess
