#include "tools/bench/crowd_worker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "common/rpc/protocol.h"

namespace firstguess {

CrowdWorker::CrowdWorker(Options options)
    : options_(std::move(options)),
      stub_(v1::WorkService::NewStub(*MakeChannel(options_.coordinator))),
      backoff_(static_cast<uint64_t>(options_.number)),
      connect_at_(Now()) {}

absl::Duration CrowdWorker::NextDeadline() const {
  return std::min({finish_at_, connect_at_, heartbeat_at_});
}

void CrowdWorker::RunDue() {
  const absl::Duration now = Now();
  if (now >= finish_at_) FinishTrial();
  if (now >= connect_at_) Connect();
  if (now >= heartbeat_at_) SendHeartbeat();
}

void CrowdWorker::Connect() {
  connect_at_ = absl::InfiniteDuration();
  const int64_t epoch = ++epoch_;
  last_grant_number_ = 0;
  book_.ConnectionLost();
  ++open_sessions_;
  session_ = Session::Start(
      stub_.get(),
      [this, epoch](v1::CoordinatorMessage message) {
        options_.queue->Post(
            [this, epoch, message = std::move(message)] { OnMessage(epoch, message); });
      },
      [this, epoch](const absl::Status&) {
        options_.queue->Post([this, epoch] { OnOver(epoch); });
      });
  v1::WorkerMessage message;
  v1::Hello& hello = *message.mutable_hello();
  hello.set_protocol_version(kProtocolVersion);
  hello.set_name(absl::StrCat("crowd", options_.number));
  hello.set_instance_id(hello.name());
  hello.set_epoch(epoch_);
  hello.set_device("cpu");
  hello.set_memory_bytes(int64_t{1} << 40);
  hello.add_datasets("fashion-mnist");
  // As an agent with one trainer: one lease in training and one ahead.
  hello.set_capacity(2);
  offered_ = book_.Inventory();
  *hello.mutable_inventory() = offered_;
  session_->Send(std::move(message));
}

void CrowdWorker::SetWelcomed(bool welcomed) {
  if (welcomed != welcomed_) options_.counts->connected += welcomed ? 1 : -1;
  welcomed_ = welcomed;
  heartbeat_at_ = welcomed ? Now() + kHeartbeatInterval : absl::InfiniteDuration();
  asked_at_.reset();
}

void CrowdWorker::OnMessage(int64_t epoch, const v1::CoordinatorMessage& message) {
  if (epoch != epoch_ || session_ == nullptr) return;
  CrowdCounts& counts = *options_.counts;
  if (message.has_welcome()) {
    ++counts.welcomes;
    SetWelcomed(true);
    backoff_.Succeeded();
    const v1::Welcome& welcome = message.welcome();
    const auto kept = static_cast<int64_t>(book_.results());
    book_.KeepWanted(offered_, {welcome.wanted_trials().begin(), welcome.wanted_trials().end()});
    const int64_t known = kept - static_cast<int64_t>(book_.results());
    counts.known += known;
    counts.unsent -= known;
    for (const int64_t lease_id : welcome.drop_leases()) book_.Forget(lease_id);
  } else if (message.has_heartbeat_reply()) {
    if (asked_at_.has_value()) {
      counts.slowest_reply = std::max(counts.slowest_reply, Now() - *asked_at_);
    }
    asked_at_.reset();
    for (const int64_t lease_id : message.heartbeat_reply().drop_leases()) book_.Forget(lease_id);
  } else if (message.has_grant()) {
    last_grant_number_ = message.grant().grant_number();
    book_.Add(message.grant());
  } else if (message.has_drop()) {
    // Nothing is cancelled here, so what is in training stays.
    const LeaseBook::Lease* const lease = book_.Find(message.drop().lease_id());
    if (lease != nullptr && !lease->begun) {
      book_.Stop(lease->lease_id, v1::LeaseEnded::RETURNED, "as asked");
    }
  } else if (message.has_result_ack()) {
    const bool stored = message.result_ack().outcome() == v1::ResultAck::STORED;
    ++(stored ? counts.stored : counts.not_stored);
    if (stored && epoch > 1) ++counts.stored_on_return;
    --counts.unsent;
    book_.Acknowledge(message.result_ack().lease_id(), message.result_ack().trial_id());
  } else if (message.has_goodbye()) {
    SetWelcomed(false);
    session_->CloseWrites();
  }
  BeginNext();
  SendDue();
}

void CrowdWorker::OnOver(int64_t epoch) {
  --open_sessions_;
  if (epoch != epoch_) return;
  if (welcomed_) ++options_.counts->disconnects;
  session_ = nullptr;
  SetWelcomed(false);
  if (!leaving_) connect_at_ = Now() + backoff_.Next(Now());
}

void CrowdWorker::BeginNext() {
  if (lease_id_ != 0 && book_.Find(lease_id_) == nullptr) {
    lease_id_ = 0;  // it was told to forget it
    finish_at_ = absl::InfiniteDuration();
  }
  if (lease_id_ != 0) return;
  const LeaseBook::Lease* const next = book_.NextToBegin();
  if (next == nullptr) return;
  lease_id_ = next->lease_id;
  book_.Begin(lease_id_);
  trials_.clear();
  for (const LeaseBook::Trial& trial : next->trials) {
    trials_.push_back(trial.trial_id);
    ++options_.counts->trained;
    if (!options_.begun->insert(trial.trial_id).second) ++options_.counts->trained_again;
  }
  finish_at_ = Now() + options_.trial;
}

void CrowdWorker::FinishTrial() {
  book_.AddResult(lease_id_, trials_.back(), *options_.trajectory);
  ++options_.counts->unsent;
  trials_.pop_back();
  finish_at_ += options_.trial;
  if (trials_.empty()) {
    book_.SetOver(lease_id_, v1::LeaseEnded::FINISHED, "");
    lease_id_ = 0;
    finish_at_ = absl::InfiniteDuration();
    BeginNext();
  }
  SendDue();
}

void CrowdWorker::SendHeartbeat() {
  ++options_.counts->heartbeats;
  if (asked_at_.has_value()) {
    ++options_.counts->missed_heartbeats;
  } else {
    asked_at_ = Now();
  }
  heartbeat_at_ = Now() + kHeartbeatInterval;
  v1::WorkerMessage message;
  *message.mutable_heartbeat()->mutable_inventory() = book_.Inventory();
  message.mutable_heartbeat()->set_last_grant_number(last_grant_number_);
  session_->Send(std::move(message));
}

// A trajectory of the crowd is smaller than a chunk.
void CrowdWorker::SendDue() {
  if (!welcomed_) return;
  while (std::optional<v1::WorkerMessage> due = book_.NextToSend(kMaxUnacknowledgedResults)) {
    session_->Send(*std::move(due));
  }
}

void CrowdWorker::Leave() {
  leaving_ = true;
  connect_at_ = absl::InfiniteDuration();
  if (session_ != nullptr) session_->Cancel();
}

}  // namespace firstguess
