#include "tests/worker/agent/scripted_coordinator.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "common/spec/trial.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

// Only a failing test waits this long.
constexpr absl::Duration kPatience = absl::Minutes(1);

}  // namespace

std::string WordOf(const v1::WorkerMessage& message) {
  switch (message.message_case()) {
    case v1::WorkerMessage::kHello:
      return "hello";
    case v1::WorkerMessage::kHeartbeat:
      return "heartbeat";
    case v1::WorkerMessage::kTrainerTime:
      return "trainer time";
    case v1::WorkerMessage::kResult:
      return absl::StrCat("result ", message.result().lease_id(), "/", message.result().trial_id(),
                          message.result().last() ? "" : " chunk");
    case v1::WorkerMessage::kTrialFailed:
      return absl::StrCat("failed ", message.trial_failed().lease_id(), "/",
                          message.trial_failed().trial_id());
    case v1::WorkerMessage::kLeaseEnded:
      return absl::StrCat("ended ", message.lease_ended().lease_id(), " ",
                          v1::LeaseEnded::Reason_Name(message.lease_ended().reason()));
    case v1::WorkerMessage::MESSAGE_NOT_SET:
      return "over";
  }
  return "unknown";
}

ScriptedSession::ScriptedSession(grpc::CallbackServerContext* context)
    : ServerStream(context, /*queue_limit=*/1000) {}

v1::WorkerMessage ScriptedSession::Next() {
  MutexLock lock(&mutex_);
  while (messages_.empty() && !ended_) {
    if (changed_.WaitFor(&mutex_, kPatience)) continue;
    ADD_FAILURE() << "the worker said nothing";
    return {};
  }
  if (messages_.empty()) return {};
  v1::WorkerMessage message = std::move(messages_.front());
  messages_.pop_front();
  return message;
}

std::string ScriptedSession::NextWord() { return WordOf(Next()); }

std::vector<std::string> ScriptedSession::NextWords(int count) {
  std::vector<std::string> words;
  for (int i = 0; i < count; ++i) words.push_back(NextWord());
  return words;
}

size_t ScriptedSession::waiting() {
  MutexLock lock(&mutex_);
  return messages_.size();
}

std::optional<v1::Inventory> ScriptedSession::AwaitHeartbeat(
    const std::function<bool(const v1::Inventory&)>& condition) {
  MutexLock lock(&mutex_);
  for (;;) {
    while (!heartbeats_.empty()) {
      const v1::Inventory inventory = std::move(heartbeats_.front());
      heartbeats_.pop_front();
      if (condition(inventory)) return inventory;
    }
    if (ended_ || !changed_.WaitFor(&mutex_, kPatience)) return std::nullopt;
  }
}

v1::TrainerTime ScriptedSession::LastTrainerTime() {
  MutexLock lock(&mutex_);
  return trainer_time_;
}

bool ScriptedSession::AwaitEnd() {
  MutexLock lock(&mutex_);
  while (!ended_) {
    if (!changed_.WaitFor(&mutex_, kPatience)) return false;
  }
  return true;
}

bool ScriptedSession::leaving() {
  MutexLock lock(&mutex_);
  return leaving_;
}

bool ScriptedSession::AwaitLeaving() {
  MutexLock lock(&mutex_);
  while (!leaving_) {
    if (ended_ || !changed_.WaitFor(&mutex_, kPatience)) return false;
  }
  return true;
}

void ScriptedSession::Welcome(std::initializer_list<int64_t> drop,
                              std::initializer_list<int64_t> wanted) {
  v1::CoordinatorMessage message;
  for (const int64_t lease : drop) message.mutable_welcome()->add_drop_leases(lease);
  for (const int64_t trial : wanted) message.mutable_welcome()->add_wanted_trials(trial);
  message.mutable_welcome()->set_heartbeat_seconds(0.01);
  Send(std::move(message));
}

void ScriptedSession::Grant(int64_t lease_id, const std::vector<int64_t>& seeds,
                            double timeout_seconds, int64_t points) {
  v1::CoordinatorMessage message;
  v1::Grant& grant = *message.mutable_grant();
  grant.set_lease_id(lease_id);
  {
    MutexLock lock(&mutex_);
    grant.set_grant_number(++grants_);
  }
  grant.set_timeout_seconds_per_trial(timeout_seconds);
  TrialConfig config;
  config.dataset = "fashion-mnist";
  config.steps = points;
  config.points = points;
  for (const int64_t seed : seeds) {
    v1::Grant::Trial& trial = *grant.add_trials();
    trial.set_trial_id(10 * lease_id + grant.trials_size() - 1);
    config.seed = seed;
    trial.set_config(CanonicalJson(config));
  }
  Send(std::move(message));
}

void ScriptedSession::Drop(int64_t lease_id, bool only_if_not_begun) {
  v1::CoordinatorMessage message;
  message.mutable_drop()->set_lease_id(lease_id);
  message.mutable_drop()->set_only_if_not_begun(only_if_not_begun);
  Send(std::move(message));
}

void ScriptedSession::Ack(int64_t lease_id, int64_t trial_id, v1::ResultAck::Outcome outcome) {
  v1::CoordinatorMessage message;
  message.mutable_result_ack()->set_lease_id(lease_id);
  message.mutable_result_ack()->set_trial_id(trial_id);
  message.mutable_result_ack()->set_outcome(outcome);
  Send(std::move(message));
}

void ScriptedSession::Drain() {
  v1::CoordinatorMessage message;
  message.mutable_drain();
  Send(std::move(message));
}

void ScriptedSession::Goodbye(const std::string& reason, double retry_after_seconds) {
  v1::CoordinatorMessage message;
  message.mutable_goodbye()->set_reason(reason);
  message.mutable_goodbye()->set_retry_after_seconds(retry_after_seconds);
  Send(std::move(message));
}

void ScriptedSession::DropInReplies(std::initializer_list<int64_t> leases) {
  MutexLock lock(&mutex_);
  drops_ = leases;
}

void ScriptedSession::Cut() { Abort(absl::UnavailableError("cut by the test")); }

void ScriptedSession::OnMessage(v1::WorkerMessage message) {
  const bool heartbeat = message.has_heartbeat();
  v1::CoordinatorMessage reply;
  reply.mutable_heartbeat_reply();
  {
    MutexLock lock(&mutex_);
    if (heartbeat) {
      heartbeats_.push_back(message.heartbeat().inventory());
      trainer_time_ = message.heartbeat().trainer_time();
      leaving_ = leaving_ || message.heartbeat().leaving();
      for (const int64_t lease : drops_) reply.mutable_heartbeat_reply()->add_drop_leases(lease);
    } else if (message.has_trainer_time()) {
      trainer_time_ = message.trainer_time();
    } else {
      messages_.push_back(std::move(message));
    }
    changed_.NotifyAll();
  }
  if (heartbeat) Send(std::move(reply));
  ReadNext();
}

void ScriptedSession::OnEnded() {
  MutexLock lock(&mutex_);
  ended_ = true;
  changed_.NotifyAll();
}

class ScriptedCoordinator::Service final : public v1::WorkService::CallbackService {
 public:
  grpc::ServerBidiReactor<v1::WorkerMessage, v1::CoordinatorMessage>* Session(
      grpc::CallbackServerContext* context) override {
    auto session = std::make_shared<ScriptedSession>(context);
    {
      MutexLock lock(&mutex_);
      waiting_.push_back(session);
      all_.push_back(session);
      ++count_;
      changed_.NotifyAll();
    }
    return ScriptedSession::Open(std::move(session));
  }

  std::shared_ptr<ScriptedSession> Next() {
    MutexLock lock(&mutex_);
    while (waiting_.empty()) {
      if (!changed_.WaitFor(&mutex_, kPatience)) return nullptr;
    }
    std::shared_ptr<ScriptedSession> session = std::move(waiting_.front());
    waiting_.pop_front();
    return session;
  }

  void CutAll() {
    std::vector<std::weak_ptr<ScriptedSession>> all;
    {
      MutexLock lock(&mutex_);
      all.swap(all_);
    }
    for (const std::weak_ptr<ScriptedSession>& one : all) {
      if (const std::shared_ptr<ScriptedSession> session = one.lock()) session->Cut();
    }
  }

  int64_t count() {
    MutexLock lock(&mutex_);
    return count_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::deque<std::shared_ptr<ScriptedSession>> waiting_ GUARDED_BY(mutex_);
  std::vector<std::weak_ptr<ScriptedSession>> all_ GUARDED_BY(mutex_);
  int64_t count_ GUARDED_BY(mutex_) = 0;
};

ScriptedCoordinator::ScriptedCoordinator() : service_(std::make_unique<Service>()) {
  address_ = absl::StrCat("unix:", folder_.File("s"));
  Start();
}

ScriptedCoordinator::~ScriptedCoordinator() { Stop(); }

std::shared_ptr<ScriptedSession> ScriptedCoordinator::NextSession() { return service_->Next(); }

int64_t ScriptedCoordinator::sessions() { return service_->count(); }

void ScriptedCoordinator::Stop() {
  if (server_ == nullptr) return;
  service_->CutAll();
  server_->Shutdown(std::chrono::system_clock::now());
  server_.reset();
}

void ScriptedCoordinator::Start() {
  grpc::ServerBuilder builder;
  SetServerArguments(builder);
  builder.AddListeningPort(address_, grpc::InsecureServerCredentials());
  builder.RegisterService(service_.get());
  server_ = builder.BuildAndStart();
  EXPECT_NE(server_, nullptr);
}

}  // namespace firstguess
