#include "tools/bench/simulated_workers.h"

#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "common/rpc/channel.h"
#include "common/rpc/client_stream.h"
#include "common/rpc/protocol.h"
#include "common/wire/trajectory_wire.h"
#include "firstguess/v1/work_service.grpc.pb.h"
#include "tools/bench/bench_trials.h"

namespace firstguess {
namespace {

constexpr int64_t kSimulatedClasses = 10;
constexpr size_t kQueueLimit = 10'000;

}  // namespace

v1::Trajectory WireTrajectory(int64_t snapshots) {
  Trajectory trajectory = *BenchTrajectory(snapshots, kSimulatedClasses);
  if (snapshots == 0) trajectory.diverged_at_step = 0;
  // Guesses that add up.
  for (Snapshot& snapshot : trajectory.snapshots) {
    snapshot.guess_count.assign(kSimulatedClasses, BenchConfig(0).probe_size / kSimulatedClasses);
    snapshot.correct_count.assign(kSimulatedClasses, 100);
  }
  return ToProto(trajectory);
}

// Given once or more, awaited by one.
class SimulatedWorkers::Signal {
 public:
  void Give() EXCLUDES(mutex_) {
    if (given_.exchange(true)) return;
    MutexLock lock(&mutex_);
    changed_.NotifyAll();
  }
  void Await() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    while (!given_) changed_.Wait(&mutex_);
  }

 private:
  std::atomic<bool> given_ = false;
  Mutex mutex_;
  CondVar changed_;
};

class SimulatedWorkers::Worker final
    : public ClientStream<v1::WorkerMessage, v1::CoordinatorMessage> {
 public:
  Worker(const v1::Trajectory* trajectory, Signal* stored)
      : ClientStream(kQueueLimit), trajectory_(trajectory), stored_(stored) {}

  static std::shared_ptr<Worker> Connect(v1::WorkService::Stub* stub, int64_t number,
                                         int64_t capacity, const v1::Trajectory* trajectory,
                                         Signal* stored) {
    static std::atomic<int64_t> started = 0;
    auto worker = std::make_shared<Worker>(trajectory, stored);
    Open(worker, [&](grpc::ClientContext* context, auto* reactor) {
      stub->async()->Session(context, reactor);
    });
    v1::WorkerMessage message;
    v1::Hello* const hello = message.mutable_hello();
    hello->set_protocol_version(kProtocolVersion);
    hello->set_name(absl::StrCat("simulated", number));
    hello->set_instance_id(absl::StrCat(hello->name(), "-", getpid(), "-", ++started));
    hello->set_epoch(1);
    hello->set_device("cpu");
    hello->set_memory_bytes(int64_t{1} << 40);
    hello->add_datasets("fashion-mnist");
    hello->set_capacity(capacity);
    worker->Send(std::move(message));
    worker->ReadNext();
    return worker;
  }

  void AwaitEnd() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    while (!ended_) changed_.Wait(&mutex_);
  }

 private:
  void OnMessage(v1::CoordinatorMessage message) override {
    {
      MutexLock lock(&mutex_);
      if (message.has_grant()) {
        for (const v1::Grant::Trial& trial : message.grant().trials()) {
          waiting_.emplace_back(message.grant().lease_id(), trial.trial_id());
        }
      } else if (message.has_result_ack()) {
        --unacknowledged_;
        if (message.result_ack().outcome() != v1::ResultAck::STORED) {
          std::fprintf(stderr, "%s\n", message.result_ack().ShortDebugString().c_str());
          std::_Exit(1);
        }
        stored_->Give();
      }
      SendResults();
      SendHeartbeat();
    }
    if (message.has_goodbye()) CloseWrites();
    ReadNext();
  }

  void SendResults() REQUIRES(mutex_) {
    while (!waiting_.empty() && unacknowledged_ < kMaxUnacknowledgedResults) {
      v1::WorkerMessage message;
      v1::Result* const result = message.mutable_result();
      result->set_lease_id(waiting_.front().first);
      result->set_trial_id(waiting_.front().second);
      *result->mutable_trajectory() = *trajectory_;
      result->set_last(true);
      waiting_.pop_front();
      ++unacknowledged_;
      Send(std::move(message));
    }
  }

  // If one is due. It says nothing about leases: they end long before they are missed.
  void SendHeartbeat() REQUIRES(mutex_) {
    const absl::Duration now = RealClock()->MonotonicNow();
    if (now - heartbeat_at_ < kHeartbeatInterval) return;
    heartbeat_at_ = now;
    v1::WorkerMessage message;
    message.mutable_heartbeat();
    Send(std::move(message));
  }

  void OnEnded(absl::Status) override {
    MutexLock lock(&mutex_);
    ended_ = true;
    changed_.NotifyAll();
  }

  const v1::Trajectory* const trajectory_;
  Signal* const stored_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<std::pair<int64_t, int64_t>> waiting_ GUARDED_BY(mutex_);  // lease and trial
  int64_t unacknowledged_ GUARDED_BY(mutex_) = 0;
  absl::Duration heartbeat_at_ GUARDED_BY(mutex_) = RealClock()->MonotonicNow();
  bool ended_ GUARDED_BY(mutex_) = false;
};

SimulatedWorkers::SimulatedWorkers(const Options& options)
    : trajectory_(WireTrajectory(options.snapshots)), stored_(std::make_unique<Signal>()) {
  for (int64_t i = 0; i < options.workers; ++i) {
    stubs_.push_back(v1::WorkService::NewStub(*MakeChannel(options.coordinator)));
    workers_.push_back(
        Worker::Connect(stubs_.back().get(), i, options.capacity, &trajectory_, stored_.get()));
  }
}

SimulatedWorkers::~SimulatedWorkers() {
  for (const auto& worker : workers_) worker->AwaitEnd();
}

void SimulatedWorkers::AwaitFirstStored() { stored_->Await(); }

}  // namespace firstguess
