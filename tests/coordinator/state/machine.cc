#include "tests/coordinator/state/machine.h"

#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/state/model_description.h"

namespace firstguess {

Machine::Machine(State::Options options) : options_(options) { Restart(); }

void Machine::Apply(const Event& event) {
  const absl::Time wall = absl::UnixEpoch() + now_;
  absl::StatusOr<Effects> effects = state_->Apply(event, now_, wall);
  ASSERT_TRUE(effects.ok()) << effects.status();
  for (NumberedWrite& write : effects->writes) {
    last_write_ = write.number;
    queued_.push_back(std::move(write));
  }
  for (ToWorker& message : effects->messages) sent_.push_back(std::move(message));
  for (Reply& reply : effects->replies) {
    const int64_t awaited = effects->writes.empty() ? 0 : last_write_;
    held_.emplace_back(awaited, std::move(reply));
  }
  const int64_t first_open = !executed_.empty() ? executed_.front().write_number
                             : !queued_.empty() ? queued_.front().number
                                                : last_write_ + 1;
  std::erase_if(held_, [&](auto& held) {
    if (held.first >= first_open) return false;
    replies_.push_back(std::move(held.second));
    return true;
  });
  if (!checking_) return;
  const absl::Status invariants = state_->CheckInvariants();
  ASSERT_TRUE(invariants.ok()) << invariants;
}

bool Machine::ExecuteOne() {
  if (queued_.empty()) return false;
  executed_.push_back(
      {.write_number = queued_.front().number, .result = store_.Execute(queued_.front().write)});
  queued_.pop_front();
  EXPECT_TRUE(store_.health().ok()) << store_.health();
  return true;
}

bool Machine::ReportOne() {
  if (executed_.empty()) return false;
  const WriteCommitted committed = std::move(executed_.front());
  executed_.pop_front();
  Apply(committed);
  return true;
}

void Machine::Settle() {
  while (!testing::Test::HasFatalFailure() && (ExecuteOne() || ReportOne())) {
  }
}

void Machine::Restart() {
  queued_.clear();
  executed_.clear();
  held_.clear();
  last_write_ = 0;
  absl::StatusOr<State> state = State::Restore(store_.LoadOpenWork(), options_, now_);
  ASSERT_TRUE(state.ok()) << state.status();
  state_.emplace(*std::move(state));
  const absl::Status invariants = state_->CheckInvariants();
  ASSERT_TRUE(invariants.ok()) << invariants;
}

void Machine::Advance(absl::Duration by) {
  for (const absl::Duration end = now_ + by; now_ < end;) {
    now_ += std::min(end - now_, absl::Seconds(1));
    Apply(Tick());
    Settle();
  }
}

Reply Machine::Submit(const std::string& spec, const std::string& request_id, bool extend) {
  ParsedSweep parsed = ParseSweep(spec, "sweep.yaml");
  if (!parsed.sweep.has_value()) {
    ADD_FAILURE() << parsed.errors.front().ToString();
    return {};
  }
  Apply(SubmitSweep{.token = ++last_token_,
                    .request_id = request_id,
                    .sweep = std::make_shared<const Sweep>(*std::move(parsed.sweep)),
                    .spec_text = spec,
                    .extend = extend});
  Settle();
  EXPECT_FALSE(replies_.empty());
  return TakeReplies().back();
}

Reply Machine::Change(const std::string& name, ChangeSweep::Kind kind,
                      std::vector<FailureClass> classes) {
  Apply(ChangeSweep{
      .token = ++last_token_, .name = name, .kind = kind, .classes = std::move(classes)});
  Settle();
  EXPECT_FALSE(replies_.empty());
  return TakeReplies().back();
}

void Machine::Connect(const std::string& instance_id, int64_t epoch, std::vector<HeldLease> leases,
                      std::vector<UnsentResult> unsent) {
  Connect(AbleWorker(instance_id, epoch), std::move(leases), std::move(unsent));
}

void Machine::Connect(WorkerDescription worker, std::vector<HeldLease> leases,
                      std::vector<UnsentResult> unsent) {
  Apply(WorkerConnected{
      .worker = std::move(worker), .leases = std::move(leases), .unsent = std::move(unsent)});
  Settle();
}

void Machine::Heartbeat(const std::string& instance_id, std::vector<HeldLease> leases,
                        int64_t last_grant_number, int64_t epoch) {
  Apply(WorkerHeartbeat{.instance_id = instance_id,
                        .epoch = epoch,
                        .leases = std::move(leases),
                        .last_grant_number = last_grant_number});
  Settle();
}

void Machine::Result(const std::string& instance_id, LeaseId lease, TrialId trial) {
  Apply(ResultArrived{.instance_id = instance_id,
                      .lease_id = lease,
                      .trial_id = trial,
                      .trajectory = std::make_shared<const Trajectory>()});
  Settle();
}

void Machine::Fail(const std::string& instance_id, LeaseId lease, TrialId trial,
                   FailureClass failure) {
  Apply(TrialReportedFailed{.instance_id = instance_id,
                            .lease_id = lease,
                            .trial_id = trial,
                            .failure = failure,
                            .message = "so it goes"});
  Settle();
}

void Machine::End(const std::string& instance_id, LeaseId lease,
                  LeaseReportedEnded::Reason reason) {
  Apply(LeaseReportedEnded{
      .instance_id = instance_id, .lease_id = lease, .reason = reason, .message = "so it goes"});
  Settle();
}

std::optional<ResultAckMessage::Outcome> Machine::TakeAck(const std::string& instance_id) {
  const std::vector<ResultAckMessage> acks = Take<ResultAckMessage>(instance_id);
  if (acks.size() != 1) return std::nullopt;
  return acks.front().outcome;
}

std::string Machine::Describe() const {
  std::string text = absl::StrCat(state_->Describe(), "\n", store_.Describe());
  for (const WriteCommitted& committed : executed_) {
    absl::StrAppend(&text, "\nexecuted ", DescribeResult(committed.result));
  }
  for (const NumberedWrite& numbered : queued_) {
    absl::StrAppend(&text, "\nqueued ", DescribeWrite(numbered.write));
  }
  return text;
}

SweepView Machine::View(const std::string& name) const {
  for (SweepView& view : state_->Sweeps()) {
    if (view.name == name) return std::move(view);
  }
  ADD_FAILURE() << "no sweep " << name;
  return {};
}

WorkerView Machine::WorkerOf(const std::string& instance_id) const {
  for (WorkerView& view : state_->Workers(now_)) {
    if (view.worker.instance_id == instance_id) return std::move(view);
  }
  ADD_FAILURE() << "no worker " << instance_id;
  return {};
}

WorkerDescription AbleWorker(const std::string& instance_id, int64_t epoch) {
  return {.name = "name of " + instance_id,
          .instance_id = instance_id,
          .epoch = epoch,
          .build = "test",
          .device = "cpu",
          .device_name = "a cpu",
          .memory_bytes = int64_t{1} << 33,
          .datasets = {"fashion-mnist"},
          .labels = {},
          .cannot_work_reason = "",
          .capacity = 2};
}

std::shared_ptr<const Sweep> ParsedSpec(const std::string& spec) {
  static auto* const known = new std::map<std::string, std::shared_ptr<const Sweep>>();
  std::shared_ptr<const Sweep>& sweep = (*known)[spec];
  if (sweep == nullptr) {
    sweep = std::make_shared<const Sweep>(*ParseSweep(spec, "sweep.yaml").sweep);
  }
  return sweep;
}

std::string SpecOf(const std::string& name, int64_t trials, const std::string& extra,
                   int64_t first_seed) {
  return absl::StrCat("name: ", name, "\ndataset: fashion-mnist\ntrain: {steps: 10}\n", extra,
                      "grid: {seed: {range: [", first_seed, ", ", first_seed + trials - 1, "]}}\n");
}

}  // namespace firstguess
