#include "tests/cluster/fake_worker.h"

#include <algorithm>
#include <utility>

#include "common/rpc/protocol.h"
#include "common/wire/trajectory_wire.h"
#include "gtest/gtest.h"
#include "tests/coordinator/service/fake_trajectory.h"

namespace firstguess {
namespace {

// Only a failing test waits this long.
constexpr absl::Duration kPatience = absl::Minutes(1);

}  // namespace

int64_t FakeWorker::Seen::Acknowledged(v1::ResultAck::Outcome outcome) const {
  return std::count_if(
      acknowledgements.begin(), acknowledgements.end(),
      [&](const v1::ResultAck& acknowledgement) { return acknowledgement.outcome() == outcome; });
}

int64_t FakeWorker::Seen::TrialsHeld() const {
  int64_t trials = 0;
  for (const Lease& lease : held) trials += static_cast<int64_t>(lease.trials.size());
  return trials;
}

FakeWorker::FakeWorker(std::string address, Options options)
    : address_(std::move(address)),
      options_([&] {
        if (options.instance_id.empty()) options.instance_id = options.name;
        return std::move(options);
      }()),
      hold_(options_.hold) {}

FakeWorker::~FakeWorker() {
  std::vector<std::shared_ptr<RawSession>> sessions;
  {
    MutexLock lock(&mutex_);
    sessions.swap(old_sessions_);
    sessions.push_back(std::move(session_));
  }
  sessions.clear();  // waits for the streams' ends, whose handlers take the lock
}

// ---- What a test asks for -----------------------------------------------------------------------

bool FakeWorker::Connect() {
  size_t welcomes = 0;
  {
    MutexLock lock(&mutex_);
    const int64_t epoch = ++epoch_;
    if (session_ != nullptr) old_sessions_.push_back(std::move(session_));
    session_ = std::make_shared<RawSession>(
        address_, [this](const v1::CoordinatorMessage& message) { OnMessage(message); },
        [this, epoch] { OnStreamEnded(epoch); });
    seen_.connected = true;
    v1::WorkerMessage message;
    v1::Hello* const hello = message.mutable_hello();
    hello->set_protocol_version(kProtocolVersion);
    hello->set_name(options_.name);
    hello->set_instance_id(options_.instance_id);
    hello->set_epoch(epoch);
    hello->set_build("test");
    hello->set_device("cpu");
    hello->set_device_name("none");
    hello->set_memory_bytes(int64_t{16} << 30);
    hello->add_datasets("fashion-mnist");
    hello->set_capacity(options_.capacity);
    FillInventory(hello->mutable_inventory());
    welcomes = seen_.welcomes.size();
    Send(std::move(message));
  }
  return Await([&](const Seen& seen) {
           return seen.welcomes.size() > welcomes || !seen.connected;
         }) &&
         seen().welcomes.size() > welcomes;
}

void FakeWorker::Disconnect() {
  std::shared_ptr<RawSession> session;
  {
    MutexLock lock(&mutex_);
    session = session_;
  }
  session->Cancel();
  session->AwaitEnd().IgnoreError();
}

bool FakeWorker::Heartbeat() {
  int64_t replies = 0;
  {
    MutexLock lock(&mutex_);
    replies = replies_;
  }
  HeartbeatUnheard();
  MutexLock lock(&mutex_);
  while (replies_ == replies && seen_.connected) {
    if (!changed_.WaitFor(&mutex_, kPatience)) return false;
  }
  return replies_ > replies;
}

void FakeWorker::HeartbeatUnheard() {
  MutexLock lock(&mutex_);
  v1::WorkerMessage message;
  FillInventory(message.mutable_heartbeat()->mutable_inventory());
  message.mutable_heartbeat()->set_last_grant_number(last_grant_);
  Send(std::move(message));
}

void FakeWorker::set_reachable(bool reachable) {
  MutexLock lock(&mutex_);
  reachable_ = reachable;
}

bool FakeWorker::reachable() {
  MutexLock lock(&mutex_);
  return reachable_;
}

void FakeWorker::Pause() {
  MutexLock lock(&mutex_);
  paused_ = true;
}

void FakeWorker::GoOn() {
  MutexLock lock(&mutex_);
  paused_ = false;
  for (const v1::CoordinatorMessage& message : std::exchange(waiting_, {})) Take(message);
  changed_.NotifyAll();
}

bool FakeWorker::paused() {
  MutexLock lock(&mutex_);
  return paused_;
}

void FakeWorker::Release() {
  MutexLock lock(&mutex_);
  hold_ = false;
  TrainAll();
}

void FakeWorker::TrainHeld() {
  MutexLock lock(&mutex_);
  TrainAll();
}

void FakeWorker::TrainUnconnected() {
  MutexLock lock(&mutex_);
  EXPECT_FALSE(seen_.connected);
  TrainAll();
}

void FakeWorker::SendResultOf(int64_t lease_id,
                              const std::pair<const int64_t, TrialConfig>& trial) {
  MutexLock lock(&mutex_);
  SendResult(lease_id, trial.first, trial.second);
}

void FakeWorker::Leave() {
  std::shared_ptr<RawSession> session;
  {
    MutexLock lock(&mutex_);
    for (const auto& [id, lease] : leases_) SendEnded(id, v1::LeaseEnded::RETURNED);
    leases_.clear();
    session = session_;
  }
  session->HalfClose();
  session->AwaitEnd().IgnoreError();
}

FakeWorker::Seen FakeWorker::seen() {
  MutexLock lock(&mutex_);
  Seen seen = seen_;
  for (const auto& [id, lease] : leases_) seen.held.push_back(lease);
  for (const auto& [key, config] : results_) seen.unsent.insert(key);
  return seen;
}

bool FakeWorker::Await(const std::function<bool(const Seen&)>& condition) {
  for (;;) {
    // Looked at under the lock that OnMessage holds while it changes things.
    MutexLock lock(&mutex_);
    Seen seen = seen_;
    for (const auto& [id, lease] : leases_) seen.held.push_back(lease);
    for (const auto& [key, config] : results_) seen.unsent.insert(key);
    if (condition(seen)) return true;
    if (!changed_.WaitFor(&mutex_, kPatience)) return false;
  }
}

bool FakeWorker::AwaitAcknowledged() {
  return Await([](const Seen& seen) { return seen.unsent.empty(); });
}

// ---- What the coordinator says ------------------------------------------------------------------

void FakeWorker::OnMessage(const v1::CoordinatorMessage& message) {
  MutexLock lock(&mutex_);
  if (paused_) {
    waiting_.push_back(message);
    return;
  }
  Take(message);
  changed_.NotifyAll();
}

void FakeWorker::Take(const v1::CoordinatorMessage& message) {
  switch (message.message_case()) {
    case v1::CoordinatorMessage::kWelcome:
      TakeWelcome(message.welcome());
      break;
    case v1::CoordinatorMessage::kHeartbeatReply:
      ++replies_;
      for (const int64_t lease : message.heartbeat_reply().drop_leases()) DropLease(lease);
      break;
    case v1::CoordinatorMessage::kGrant:
      TakeGrant(message.grant());
      break;
    case v1::CoordinatorMessage::kDrop:
      seen_.drops.push_back(message.drop());
      if (leases_.contains(message.drop().lease_id())) {
        DropLease(message.drop().lease_id());
        SendEnded(message.drop().lease_id(), message.drop().only_if_not_begun()
                                                 ? v1::LeaseEnded::RETURNED
                                                 : v1::LeaseEnded::DROPPED);
      }
      break;
    case v1::CoordinatorMessage::kResultAck:
      TakeAck(message.result_ack());
      break;
    case v1::CoordinatorMessage::kDrain:
      seen_.draining = true;
      break;
    case v1::CoordinatorMessage::kGoodbye:
      seen_.goodbyes.push_back(message.goodbye());
      session_->HalfClose();
      break;
    case v1::CoordinatorMessage::MESSAGE_NOT_SET:
      ADD_FAILURE() << "the coordinator sent a message without content";
  }
}

void FakeWorker::OnStreamEnded(int64_t epoch) {
  MutexLock lock(&mutex_);
  if (epoch == epoch_) seen_.connected = false;
  changed_.NotifyAll();
}

// Wanted results first, the others may be forgotten.
void FakeWorker::TakeWelcome(const v1::Welcome& welcome) {
  seen_.welcomes.push_back(welcome);
  for (const int64_t lease : welcome.drop_leases()) DropLease(lease);
  const std::set<int64_t> wanted(welcome.wanted_trials().begin(), welcome.wanted_trials().end());
  std::erase_if(results_,
                [&](const auto& result) { return !wanted.contains(result.first.second); });
  for (const auto& [key, config] : results_) SendResult(key.first, key.second, config);
}

void FakeWorker::TakeGrant(const v1::Grant& grant) {
  ++seen_.grants;
  last_grant_ = std::max(last_grant_, grant.grant_number());
  Lease& lease = leases_[grant.lease_id()];
  lease.lease_id = grant.lease_id();
  lease.timeout_seconds_per_trial = grant.timeout_seconds_per_trial();
  for (const v1::Grant::Trial& trial : grant.trials()) {
    const absl::StatusOr<TrialConfig> config = TrialConfigFromJson(trial.config());
    EXPECT_TRUE(config.ok()) << config.status();
    lease.trials[trial.trial_id()] = *config;
  }
  if (!hold_) TrainAll();
}

void FakeWorker::TakeAck(const v1::ResultAck& ack) {
  seen_.acknowledgements.push_back(ack);
  results_.erase({ack.lease_id(), ack.trial_id()});
}

void FakeWorker::DropLease(int64_t lease_id) { leases_.erase(lease_id); }

// ---- Training -----------------------------------------------------------------------------------

void FakeWorker::TrainAll() {
  for (auto& [id, lease] : leases_) Train(lease);
  leases_.clear();
}

void FakeWorker::Train(Lease& lease) {
  for (const auto& [trial, config] : lease.trials) {
    const v1::FailureClass failure =
        options_.fails ? options_.fails(config) : v1::FAILURE_CLASS_UNSPECIFIED;
    if (failure == v1::FAILURE_CLASS_UNSPECIFIED) {
      results_[{lease.lease_id, trial}] = config;
      SendResult(lease.lease_id, trial, config);
      continue;
    }
    v1::WorkerMessage message;
    message.mutable_trial_failed()->set_lease_id(lease.lease_id);
    message.mutable_trial_failed()->set_trial_id(trial);
    message.mutable_trial_failed()->set_failure_class(failure);
    message.mutable_trial_failed()->set_message("made to fail");
    Send(std::move(message));
  }
  SendEnded(lease.lease_id, v1::LeaseEnded::FINISHED);
}

void FakeWorker::SendResult(int64_t lease_id, int64_t trial_id, const TrialConfig& config) {
  v1::WorkerMessage message;
  message.mutable_result()->set_lease_id(lease_id);
  message.mutable_result()->set_trial_id(trial_id);
  *message.mutable_result()->mutable_trajectory() = ToProto(FakeTrajectory(config));
  message.mutable_result()->set_last(true);
  Send(std::move(message));
}

void FakeWorker::SendEnded(int64_t lease_id, v1::LeaseEnded::Reason reason) {
  v1::WorkerMessage message;
  message.mutable_lease_ended()->set_lease_id(lease_id);
  message.mutable_lease_ended()->set_reason(reason);
  Send(std::move(message));
}

// What can't be sent now is in the next hello's inventory.
void FakeWorker::Send(v1::WorkerMessage message) {
  if (session_ == nullptr) return;
  if (options_.twice && !message.has_hello()) session_->Send(message);
  session_->Send(std::move(message));
}

void FakeWorker::FillInventory(v1::Inventory* inventory) const {
  for (const auto& [id, lease] : leases_) {
    v1::Inventory::Lease* const held = inventory->add_leases();
    held->set_lease_id(id);
    held->set_begun(true);
  }
  for (const auto& [key, config] : results_) {
    v1::Inventory::UnsentResult* const unsent = inventory->add_unsent_results();
    unsent->set_lease_id(key.first);
    unsent->set_trial_id(key.second);
  }
}

}  // namespace firstguess
