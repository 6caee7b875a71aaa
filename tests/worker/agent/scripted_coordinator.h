#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/mutex.h"
#include "common/rpc/server_stream.h"
#include "firstguess/v1/work_service.grpc.pb.h"
#include "grpcpp/server.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {

// A message as a word: "hello", "result 1/5", "failed 1/5", "ended 1 CRASHED", "over".
std::string WordOf(const v1::WorkerMessage& message);

// One stream of a worker, at the end of a coordinator that says what the test wants it to and
// nothing else; only heartbeats are answered by themselves. Whatever waits fails after a minute.
// Thread-safe.
class ScriptedSession final : public ServerStream<v1::WorkerMessage, v1::CoordinatorMessage> {
 public:
  explicit ScriptedSession(grpc::CallbackServerContext* context);

  // The next message that is no heartbeat and no trainer time; an empty one if the stream ended
  // instead.
  v1::WorkerMessage Next();
  // WordOf the next message.
  std::string NextWord();
  // The next `count` of them.
  std::vector<std::string> NextWords(int count);
  // How many that are no heartbeats came and were not taken.
  size_t waiting();
  // The inventory of the next heartbeat that fulfils `condition`; nothing if none did.
  std::optional<v1::Inventory> AwaitHeartbeat(
      const std::function<bool(const v1::Inventory&)>& condition);
  // What the worker last said of its trainers.
  v1::TrainerTime LastTrainerTime();
  bool AwaitEnd();
  // A heartbeat said that the worker leaves; waits for one.
  bool leaving();
  bool AwaitLeaving();

  // Heartbeats at every 10 ms.
  void Welcome(std::initializer_list<int64_t> drop = {},
               std::initializer_list<int64_t> wanted = {});
  // Trials are numbered by their place: 10 * lease_id, and so on. `seeds` say what the fake trainer
  // does with them.
  void Grant(int64_t lease_id, const std::vector<int64_t>& seeds, double timeout_seconds = 0,
             int64_t points = 3);
  void Drop(int64_t lease_id, bool only_if_not_begun);
  void Ack(int64_t lease_id, int64_t trial_id,
           v1::ResultAck::Outcome outcome = v1::ResultAck::STORED);
  void Drain();
  void Goodbye(const std::string& reason, double retry_after_seconds);
  // From now on, heartbeats are answered with these.
  void DropInReplies(std::initializer_list<int64_t> leases);
  // As a connection that breaks.
  void Cut();

 private:
  void OnMessage(v1::WorkerMessage message) override;
  void OnEnded() override;

  Mutex mutex_;
  CondVar changed_;
  std::deque<v1::WorkerMessage> messages_ GUARDED_BY(mutex_);
  std::deque<v1::Inventory> heartbeats_ GUARDED_BY(mutex_);
  v1::TrainerTime trainer_time_ GUARDED_BY(mutex_);
  std::vector<int64_t> drops_ GUARDED_BY(mutex_);
  int64_t grants_ GUARDED_BY(mutex_) = 0;
  bool leaving_ GUARDED_BY(mutex_) = false;
  bool ended_ GUARDED_BY(mutex_) = false;
};

// A coordinator on a unix socket of its own, whose sessions the test plays. Thread-safe.
class ScriptedCoordinator {
 public:
  ScriptedCoordinator();
  ~ScriptedCoordinator();

  const std::string& address() const { return address_; }
  const std::string& folder() const { return folder_.path(); }  // for the test's files too

  // The next stream that a worker opens; null if none comes.
  std::shared_ptr<ScriptedSession> NextSession();
  // Streams that were opened so far.
  int64_t sessions();

  // As a process that dies, and another that takes its place.
  void Stop();
  void Start();

 private:
  class Service;

  const TemporaryFolder folder_;
  std::string address_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace firstguess
