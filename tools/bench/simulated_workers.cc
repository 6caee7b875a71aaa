#include "tools/bench/simulated_workers.h"

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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

// What the coordinator takes for a trajectory of BenchConfig: guesses that add up.
v1::Trajectory WireTrajectory(int64_t snapshots) {
  Trajectory trajectory = *BenchTrajectory(snapshots, kSimulatedClasses);
  if (snapshots == 0) trajectory.diverged_at_step = 0;
  for (Snapshot& snapshot : trajectory.snapshots) {
    snapshot.guess_count.assign(kSimulatedClasses, BenchConfig(0).probe_size / kSimulatedClasses);
    snapshot.correct_count.assign(kSimulatedClasses, 100);
  }
  return ToProto(trajectory);
}

class Worker final : public ClientStream<v1::WorkerMessage, v1::CoordinatorMessage> {
 public:
  explicit Worker(const v1::Trajectory* trajectory)
      : ClientStream(kQueueLimit), trajectory_(trajectory) {}

  static std::shared_ptr<Worker> Connect(v1::WorkService::Stub* stub, int64_t number,
                                         int64_t capacity, const v1::Trajectory* trajectory) {
    auto worker = std::make_shared<Worker>(trajectory);
    Open(worker, [&](grpc::ClientContext* context, auto* reactor) {
      stub->async()->Session(context, reactor);
    });
    v1::WorkerMessage message;
    v1::Hello* const hello = message.mutable_hello();
    hello->set_protocol_version(kProtocolVersion);
    hello->set_name(absl::StrCat("simulated", number));
    hello->set_instance_id(hello->name());
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
          std::exit(1);
        }
      }
      SendResults();
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

  void OnEnded(absl::Status) override {
    MutexLock lock(&mutex_);
    ended_ = true;
    changed_.NotifyAll();
  }

  const v1::Trajectory* const trajectory_;
  Mutex mutex_;
  CondVar changed_;
  std::deque<std::pair<int64_t, int64_t>> waiting_ GUARDED_BY(mutex_);  // lease and trial
  int64_t unacknowledged_ GUARDED_BY(mutex_) = 0;
  bool ended_ GUARDED_BY(mutex_) = false;
};

}  // namespace

void RunSimulatedWorkers(const SimulatedWorkers& options) {
  const v1::Trajectory trajectory = WireTrajectory(options.snapshots);
  std::vector<std::unique_ptr<v1::WorkService::Stub>> stubs;
  std::vector<std::shared_ptr<Worker>> workers;
  for (int64_t i = 0; i < options.workers; ++i) {
    stubs.push_back(v1::WorkService::NewStub(*MakeChannel(options.coordinator)));
    workers.push_back(Worker::Connect(stubs.back().get(), i, options.capacity, &trajectory));
  }
  for (const auto& worker : workers) worker->AwaitEnd();
}

}  // namespace firstguess
