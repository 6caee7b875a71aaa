#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "worker/agent/backoff.h"
#include "worker/agent/event_queue.h"
#include "worker/agent/lease_book.h"
#include "worker/agent/session.h"
#include "worker/agent/trainer_process.h"

namespace firstguess {

// A worker: speaks with the coordinator (work_service.proto), keeps the books on its leases, and
// has its trainer processes do the work. It holds no LibTorch: what breaks a device costs one
// trainer, never the book.
//
// One thread runs it (Run); streams and trainers post to its queue. RequestStop is thread-safe.
class Agent {
 public:
  struct Options {
    std::string coordinator;  // address
    std::string name;         // a label for people
    std::vector<std::string> labels;
    std::vector<std::string> trainer;  // the program and its arguments
    int64_t trainers = 1;              // trainer processes side by side
    Clock* clock = RealClock();
    std::string build;
  };

  explicit Agent(Options options);
  ~Agent();

  // Works until told to stop: by RequestStop or a drain (OK), or by the coordinator for good
  // (FailedPrecondition, with its words). InvalidArgument for an address that can't be used;
  // NotFound when there is no trainer program.
  absl::Status Run();

  // Hand back what is not done, deliver what is, and end; within a few seconds.
  void RequestStop();

 private:
  struct Trainer {
    std::unique_ptr<TrainerProcess> process;
    int64_t generation = 0;  // of the process; older ones' events are stale
    bool ready = false;
    bool worked = false;                                 // this process finished something
    int64_t lease_id = 0;                                // 0: idle
    absl::Duration deadline = absl::InfiniteDuration();  // for the trial in progress
    absl::Duration restart_at = absl::InfiniteDuration();
    int64_t failed_starts = 0;
  };
  enum class Stage { kWorking, kStopping, kOver };

  // Trainers (agent_trainers.cc).
  absl::Status StartTrainer(size_t index);
  void OnTrainerMessage(size_t index, int64_t generation, ipc::FromTrainer message);
  void OnTrainerReady(Trainer& trainer, const ipc::Ready& ready);
  void OnTrainerExit(size_t index, int64_t generation, const TrainerProcess::Exit& exit);
  void Dispatch();
  void StopTraining(int64_t lease_id);
  void ResetDeadline(Trainer& trainer);
  Trainer* TrainerOf(int64_t lease_id);

  // The coordinator (agent_session.cc).
  void Connect();
  void SendHello();
  void SendHeartbeat();
  void SendDue();
  void OnCoordinatorMessage(int64_t epoch, const v1::CoordinatorMessage& message);
  void OnWelcome(const v1::Welcome& welcome);
  void OnGrant(const v1::Grant& grant);
  void OnDrop(const v1::Drop& drop);
  void OnDropList(const google::protobuf::RepeatedField<int64_t>& leases);
  void OnGoodbye(const v1::Goodbye& goodbye);
  void OnSessionOver(int64_t epoch, const absl::Status& status);

  absl::Duration NextDeadline() const;
  void RunDue();
  // No new work; what is held goes back, `finish_begun` what trains already.
  void BeginStop(bool finish_begun);
  void EndIfDone();
  absl::Duration Now() const { return options_.clock->MonotonicNow(); }

  const Options options_;
  EventQueue queue_;
  std::unique_ptr<v1::WorkService::Stub> stub_;
  const std::string instance_id_;
  Backoff backoff_;
  LeaseBook book_;
  std::vector<Trainer> trainers_;
  std::optional<ipc::Ready> device_;  // what the first trainer said

  std::shared_ptr<Session> session_;
  int64_t epoch_ = 0;
  bool welcomed_ = false;
  int64_t last_grant_number_ = 0;
  absl::Duration heartbeat_interval_;
  absl::Duration heartbeat_at_ = absl::InfiniteDuration();
  absl::Duration connect_at_ = absl::InfiniteDuration();
  absl::Duration complain_at_;  // about a coordinator that does not answer

  Stage stage_ = Stage::kWorking;
  absl::Duration stop_by_ = absl::InfiniteDuration();
  absl::Status result_;
};

}  // namespace firstguess
