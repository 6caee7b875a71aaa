#include "tests/coordinator/state/small_world.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace firstguess {
namespace {

using EndReason = LeaseReportedEnded::Reason;

constexpr absl::Duration kLease = absl::Seconds(3);
constexpr absl::Duration kStep = absl::Seconds(2);

const std::shared_ptr<const Trajectory>& AnyTrajectory() {
  static const auto* const trajectory =
      new std::shared_ptr<const Trajectory>(std::make_shared<const Trajectory>());
  return *trajectory;
}

bool IsOver(SweepState state) {
  return state == SweepState::kDone || state == SweepState::kCancelled;
}

}  // namespace

SmallWorld::SmallWorld(const Start& start, bool checking)
    : machine_({.lease_duration = kLease}), checking_(checking), hazards_(start.hazards) {
  machine_.set_checking(checking);
  for (size_t i = 0; i < workers_.size(); ++i) {
    workers_[i].instance_id = i == 0 ? "a" : "b";
    workers_[i].capacity = start.capacity[i];
  }
  for (const std::string& spec : start.specs) {
    Apply(SubmitSweep{.token = ++token_,
                      .request_id = absl::StrCat("request ", token_),
                      .sweep = ParsedSpec(spec),
                      .spec_text = spec});
  }
  if (!start.at_work) return;
  Settle();
  for (Worker& worker : workers_) Connect(worker, true);
  Settle();
  if (start.restarted) Do({.kind = Kind::kRestart});
}

void SmallWorld::set_checking(bool checking) {
  checking_ = checking;
  machine_.set_checking(checking);
  // What is final now must stay so.
  if (checking) books_.Check(machine_);
}

void SmallWorld::Apply(const Event& event) {
  machine_.Apply(event);
  Route();
}

void SmallWorld::Route() {
  for (const ToWorker& message : machine_.TakeAll()) {
    books_.Sent(message, machine_.store());
    for (Worker& worker : workers_) {
      if (worker.instance_id == message.instance_id && worker.epoch == message.epoch) {
        Receive(worker, message);
      }
    }
  }
  for (const Reply& reply : machine_.TakeReplies()) books_.Answered(reply, machine_.store());
}

void SmallWorld::Receive(Worker& worker, const ToWorker& message) {
  const auto drop = [&](LeaseId lease) {
    worker.held.erase(lease);
    worker.asked_back.erase(lease);
  };
  if (const auto* welcome = std::get_if<WelcomeMessage>(&message.message)) {
    for (const LeaseId lease : welcome->drop) drop(lease);
  } else if (const auto* reply = std::get_if<HeartbeatReplyMessage>(&message.message)) {
    for (const LeaseId lease : reply->drop) drop(lease);
  } else if (const auto* grant = std::get_if<GrantMessage>(&message.message)) {
    for (const auto& member : grant->members) {
      worker.granted[grant->lease_id].push_back(member.trial_id);
    }
    worker.held.insert(grant->lease_id);
    worker.last_grant = grant->lease_id;
  } else if (const auto* dropped = std::get_if<DropMessage>(&message.message)) {
    if (!dropped->only_if_not_begun) {
      drop(dropped->lease_id);
    } else if (worker.held.contains(dropped->lease_id)) {
      worker.asked_back.insert(dropped->lease_id);
    }
  } else if (std::holds_alternative<GoodbyeMessage>(message.message)) {
    worker.connected = false;
  }
}

void SmallWorld::Settle() {
  while (machine_.ExecuteOne() || machine_.ReportOne()) Route();
}

void SmallWorld::Wait() {
  machine_.Jump(kStep);
  Apply(Tick());
}

void SmallWorld::Connect(Worker& worker, bool holds) {
  ++worker.epoch;
  worker.connected = true;
  WorkerConnected hello = {
      .worker = AbleWorker(worker.instance_id, worker.epoch), .leases = {}, .unsent = {}};
  hello.worker.capacity = worker.capacity;
  if (!holds) worker.held.clear();
  for (const LeaseId lease : worker.held)
    hello.leases.push_back({.lease_id = lease, .begun = true});
  worker.asked_back.clear();
  Apply(hello);
}

void SmallWorld::Heartbeat(Worker& worker, bool lists, bool saw) {
  WorkerHeartbeat heartbeat = {.instance_id = worker.instance_id,
                               .epoch = worker.epoch,
                               .leases = {},
                               .last_grant_number = saw ? worker.last_grant : 0};
  if (lists) {
    for (const LeaseId lease : worker.held) {
      heartbeat.leases.push_back({.lease_id = lease, .begun = lease == *worker.held.begin()});
    }
  }
  Apply(heartbeat);
}

void SmallWorld::Report(Worker& worker, LeaseId lease, TrialId trial) {
  worker.reported.insert({lease, trial});
  Apply(ResultArrived{.instance_id = worker.instance_id,
                      .lease_id = lease,
                      .trial_id = trial,
                      .trajectory = AnyTrajectory()});
}

void SmallWorld::End(Worker& worker, LeaseId lease, EndReason reason) {
  worker.held.erase(lease);
  worker.asked_back.erase(lease);
  Apply(LeaseReportedEnded{
      .instance_id = worker.instance_id, .lease_id = lease, .reason = reason, .message = ""});
}

void SmallWorld::Change(ChangeSweep::Kind kind, const std::string& name) {
  Apply(ChangeSweep{.token = ++token_, .name = name, .kind = kind, .classes = {}});
}

std::string SmallWorld::Describe() const {
  std::string text = absl::StrCat(machine_.Describe(), "\nhazards ", hazards_);
  for (const Worker& worker : workers_) {
    absl::StrAppend(&text, "\n", worker.instance_id, " epoch ", worker.epoch,
                    worker.connected ? " connected" : "", " holds ",
                    absl::StrJoin(worker.held, ","), " asked ",
                    absl::StrJoin(worker.asked_back, ","), " last ", worker.last_grant);
    for (const auto& [lease, trials] : worker.granted) {
      absl::StrAppend(&text, " ", lease, ":", absl::StrJoin(trials, ","));
    }
    for (const auto& [lease, trial] : worker.reported) {
      absl::StrAppend(&text, " ", lease, "/", trial);
    }
  }
  return text;
}

// ---- The end ------------------------------------------------------------------------------------

void SmallWorld::Finish() {
  for (Worker& worker : workers_) Connect(worker, true);
  const auto is_open = [&] {
    const std::vector<SweepView> views = machine_.state().Sweeps();
    return !machine_.idle() || std::any_of(views.begin(), views.end(), [](const SweepView& view) {
      return !IsOver(view.state);
    });
  };
  for (int round = 0; is_open(); ++round) {
    ASSERT_LT(round, 50) << "it does not finish";
    Settle();
    for (const SweepView& view : machine_.state().Sweeps()) {
      if (view.state == SweepState::kPaused) Change(ChangeSweep::Kind::kResume, view.name);
    }
    for (Worker& worker : workers_) WorkInPeace(worker);
    Wait();
    books_.Check(machine_);
    if (testing::Test::HasFatalFailure()) return;
  }
  CheckEnd();
}

void SmallWorld::WorkInPeace(Worker& worker) {
  if (!worker.connected) Connect(worker, true);
  Heartbeat(worker, /*lists=*/true, /*saw=*/true);
  while (!worker.held.empty()) {
    const LeaseId lease = *worker.held.begin();
    for (const TrialId trial : worker.granted.at(lease)) Report(worker, lease, trial);
    End(worker, lease, EndReason::kFinished);
  }
}

void SmallWorld::CheckEnd() {
  const ModelStore& store = machine_.store();
  for (const auto& [id, sweep] : store.sweeps()) {
    const SweepCounters counters = store.Count(id);
    ASSERT_EQ(counters.done + counters.failed + counters.cancelled, sweep.cells) << sweep.name;
  }
  for (const auto& [id, trial] : store.trials()) {
    int64_t results = 0;
    for (const auto& attempt : store.attempts(id)) {
      ASSERT_TRUE(attempt.outcome.has_value()) << "trial " << id << " is tried for ever";
      results += *attempt.outcome == "finished" ? 1 : 0;
    }
    ASSERT_LE(results, 1) << "trial " << id << " finished twice";
  }
  for (const auto& [id, lease] : store.leases()) {
    ASSERT_TRUE(lease.outcome.has_value()) << "lease " << id << " is open for ever";
  }
}

}  // namespace firstguess
