#include "coordinator/service/to_worker.h"

#include <string>
#include <variant>

#include "common/spec/trial.h"

namespace firstguess {
namespace {

v1::ResultAck::Outcome ToProto(ResultAckMessage::Outcome outcome) {
  using Outcome = ResultAckMessage::Outcome;
  switch (outcome) {
    case Outcome::kStored:
      return v1::ResultAck::STORED;
    case Outcome::kDuplicate:
      return v1::ResultAck::DUPLICATE;
    case Outcome::kPermissionDenied:
      return v1::ResultAck::PERMISSION_DENIED;
    case Outcome::kNotFound:
      return v1::ResultAck::NOT_FOUND;
    case Outcome::kInvalid:
      return v1::ResultAck::INVALID;
    case Outcome::kUnwanted:
      return v1::ResultAck::UNWANTED;
  }
  return v1::ResultAck::OUTCOME_UNSPECIFIED;
}

void Fill(const WelcomeMessage& from, v1::CoordinatorMessage* to) {
  v1::Welcome* const welcome = to->mutable_welcome();
  welcome->mutable_drop_leases()->Assign(from.drop.begin(), from.drop.end());
  welcome->mutable_wanted_trials()->Assign(from.wanted.begin(), from.wanted.end());
  welcome->set_heartbeat_seconds(absl::ToDoubleSeconds(from.heartbeat_interval));
}

void Fill(const HeartbeatReplyMessage& from, v1::CoordinatorMessage* to) {
  to->mutable_heartbeat_reply()->mutable_drop_leases()->Assign(from.drop.begin(), from.drop.end());
}

void Fill(const GrantMessage& from, v1::CoordinatorMessage* to) {
  v1::Grant* const grant = to->mutable_grant();
  grant->set_lease_id(from.lease_id);
  grant->set_grant_number(from.grant_number);
  grant->set_timeout_seconds_per_trial(absl::ToDoubleSeconds(from.timeout_per_trial));
  for (const GrantMessage::Member& member : from.members) {
    v1::Grant::Trial* const trial = grant->add_trials();
    trial->set_trial_id(member.trial_id);
    trial->set_slot(member.slot);
    trial->set_config(CanonicalJson(member.config));
  }
}

void Fill(const DropMessage& from, v1::CoordinatorMessage* to) {
  to->mutable_drop()->set_lease_id(from.lease_id);
  to->mutable_drop()->set_only_if_not_begun(from.only_if_not_begun);
}

void Fill(const ResultAckMessage& from, v1::CoordinatorMessage* to) {
  v1::ResultAck* const ack = to->mutable_result_ack();
  ack->set_lease_id(from.lease_id);
  ack->set_trial_id(from.trial_id);
  ack->set_outcome(ToProto(from.outcome));
}

void Fill(const DrainMessage&, v1::CoordinatorMessage* to) { to->mutable_drain(); }

void Fill(const GoodbyeMessage& from, v1::CoordinatorMessage* to) {
  to->mutable_goodbye()->set_reason(from.reason);
  to->mutable_goodbye()->set_retry_after_seconds(absl::ToDoubleSeconds(from.retry_after));
}

}  // namespace

v1::CoordinatorMessage ToProto(const ToWorker& message) {
  v1::CoordinatorMessage proto;
  std::visit([&](const auto& one) { Fill(one, &proto); }, message.message);
  return proto;
}

v1::CoordinatorMessage InvalidResult(LeaseId lease, TrialId trial, absl::string_view why) {
  v1::CoordinatorMessage proto;
  v1::ResultAck* const ack = proto.mutable_result_ack();
  ack->set_lease_id(lease);
  ack->set_trial_id(trial);
  ack->set_outcome(v1::ResultAck::INVALID);
  ack->set_message(std::string(why));
  return proto;
}

}  // namespace firstguess
