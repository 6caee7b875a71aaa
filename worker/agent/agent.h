#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/rpc/channel.h"
#include "worker/agent/backoff.h"
#include "worker/agent/event_queue.h"
#include "worker/agent/lease_book.h"
#include "worker/agent/session.h"
#include "worker/agent/trainer_clock.h"
#include "worker/agent/trainer_process.h"

namespace firstguess {

// A worker: speaks with the coordinator (work_service.proto), keeps the books on its leases, and
// has its trainer processes do the work. It holds no LibTorch: what breaks a device costs one
// trainer, never the book.
//
// It connects once a trainer is ready, or once none of them can start: then it says why, and goes
// on trying. A trainer that dies costs the lease it worked on. One that dies with something done is
// started again at once, one without after a growing delay.
//
// It tells the service manager that it is ready once it is connected (common/service_manager.h).
//
// Run is its one thread; streams and trainers post to its queue. RequestStop is thread-safe.
class Agent {
 public:
  struct Options {
    std::string coordinator;  // address
    CallerSecurity security = {};
    std::string name;  // a label for people
    std::vector<std::string> labels;
    std::vector<std::string> trainer;  // the program and its arguments
    int64_t trainers = 1;              // trainer processes side by side
    std::string build;
    std::string job = {};  // of a batch system, in which it runs; empty: none
    std::string log = {};  // the file with what it prints; empty: none. Failures name it
    absl::Duration idle_time = absl::InfiniteDuration();  // ends after this long with nothing to do
    Clock* clock = RealClock();
    absl::Duration stop_time = absl::Seconds(8);   // for what is to be delivered before the end
    absl::Duration stop_grace = absl::Seconds(5);  // for a trainer that is told to stop; below it
    // Called by Run every `alive_interval`, so never when it hangs. Must not block.
    std::function<void()> on_alive = [] {};
    absl::Duration alive_interval = absl::InfiniteDuration();
  };

  explicit Agent(Options options);
  ~Agent();

  // Works until told to stop: by RequestStop, Preempt or a drain (OK), or by the coordinator for
  // good (FailedPrecondition, with its words); or until it was idle for too long: OK, but
  // Unavailable if it could not work or reached no coordinator. InvalidArgument for an address that
  // can't be used; errors of MakeChannel; NotFound when there is no trainer program.
  absl::Status Run();

  // Hand back what is not done, deliver what is, and end, within `stop_time`.
  void RequestStop();
  // The machine is taken away after `left`: take nothing more, finish what can be finished until
  // there is just the time to deliver, hand back the rest as preempted, and end. Any number of
  // times.
  void Preempt(absl::Duration left);

 private:
  struct Trainer {
    explicit Trainer(uint64_t seed) : backoff(seed) {}

    std::unique_ptr<TrainerProcess> process;
    int64_t generation = 0;  // of the process; older ones' events are stale
    bool ready = false;
    bool worked = false;                                 // this process finished something
    std::string failure;                                 // why the latest start failed, if it did
    int64_t lease_id = 0;                                // 0: idle
    absl::Duration kill_at = absl::InfiniteDuration();   // unless its lease ends before
    absl::Duration start_at = absl::InfiniteDuration();  // again
    Backoff backoff;                                     // of starts
    TrainerClock clock;
  };
  // kDraining: no new leases, begun ones are finished. kStopping: nothing trains on; what is done
  // is delivered. kClosing: the coordinator is to see the stream's end.
  enum class Stage { kWorking, kDraining, kStopping, kClosing, kOver };

  // Trainers (agent_trainers.cc).
  absl::Status StartTrainer(size_t index);
  void OnTrainerMessage(size_t index, int64_t generation, ipc::FromTrainer message);
  void OnTrainerReady(Trainer& trainer, const ipc::Ready& ready);
  void OnPackEnded(Trainer& trainer, const ipc::PackEnded& ended);
  void OnTrainerExit(size_t index, int64_t generation, const TrainerProcess::Exit& exit);
  void EndLeaseOf(Trainer& trainer, const TrainerProcess::Exit& exit);
  void FindOutWhetherItCanWork();
  void Dispatch();
  void BeginTraining(Trainer& trainer, const LeaseBook::Lease& lease);
  void StopLease(int64_t lease_id, v1::LeaseEnded::Reason reason, const std::string& message);
  void StopTraining(int64_t lease_id);
  void LimitTrial(Trainer& trainer);
  absl::Status RunDueOfTrainer(size_t index);
  Trainer* TrainerOf(int64_t lease_id);
  std::string WithLog(std::string message) const;

  // The coordinator (agent_session.cc).
  absl::Status MakeStub();
  void Connect();
  void ConnectAgain();
  void SendHello();
  void SendHeartbeat();
  void SendTrainerTime();
  v1::TrainerTime TrainerTimeNow() const;
  void SendDue();
  void SendInChunks(v1::Result result);
  void OnCoordinatorMessage(int64_t epoch, const v1::CoordinatorMessage& message);
  void OnWelcome(const v1::Welcome& welcome);
  void OnGrant(const v1::Grant& grant);
  void OnDrop(const v1::Drop& drop);
  void OnDropList(const google::protobuf::RepeatedField<int64_t>& leases);
  void OnAck(const v1::ResultAck& ack);
  void RemoveCheckpoint(int64_t lease_id, int64_t trial_id);
  void OnGoodbye(const v1::Goodbye& goodbye);
  void OnSessionOver(int64_t epoch, const absl::Status& status);

  absl::Duration NextDeadline() const;
  absl::Status RunDue();
  void WatchIdleness();
  void EndIdle();
  void BeginPreemption(absl::Duration left);
  void BeginStop(Stage stage);
  void AdvanceStop();
  absl::Duration Now() const { return options_.clock->MonotonicNow(); }

  const Options options_;
  EventQueue queue_;
  std::unique_ptr<v1::WorkService::Stub> stub_;
  const std::string instance_id_;
  Backoff backoff_;  // of connections
  LeaseBook book_;
  // Files of trials whose results are in the book, by lease and trial.
  std::map<std::pair<int64_t, int64_t>, std::string> checkpoints_;
  std::vector<Trainer> trainers_;
  ipc::Ready device_;               // of the latest trainer that was ready
  std::string cannot_work_reason_;  // empty: can work

  std::shared_ptr<Session> session_;  // the latest, until it is over
  int64_t open_sessions_ = 0;         // with those that were left behind
  int64_t epoch_ = 0;
  bool welcomed_ = false;
  v1::Inventory offered_;  // in the latest hello
  int64_t last_grant_number_ = 0;
  int64_t unanswered_heartbeats_ = 0;  // of this session
  absl::Duration heartbeat_interval_;
  absl::Duration heartbeat_at_ = absl::InfiniteDuration();
  absl::Duration connect_at_ = absl::InfiniteDuration();
  absl::Duration alive_at_ = absl::InfiniteDuration();
  absl::Duration complain_at_;  // about a coordinator that does not answer

  Stage stage_ = Stage::kWorking;
  absl::Duration idle_until_ = absl::InfiniteDuration();  // then it ends; infinite: it is not idle
  bool preempted_ = false;
  absl::Duration finish_by_ = absl::InfiniteDuration();  // what is not done then is handed back
  absl::Duration stop_by_ = absl::InfiniteDuration();
  absl::Status result_;
};

}  // namespace firstguess
