// What may happen in a small world, and doing it.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/state/small_world.h"

namespace firstguess {

std::vector<SmallWorld::Action> SmallWorld::Possible() const {
  std::vector<Action> actions = {{.kind = Kind::kRestart, .hazards = 1},
                                 {.kind = Kind::kWait, .hazards = 1}};
  if (machine_.has_queued()) actions.push_back({.kind = Kind::kExecute});
  if (machine_.has_executed()) actions.push_back({.kind = Kind::kReport});
  for (size_t i = 0; i < workers_.size(); ++i) AddWorkerActions(i, &actions);
  AddPersonActions(&actions);
  std::erase_if(actions, [&](const Action& action) { return action.hazards > hazards_; });
  return actions;
}

void SmallWorld::AddWorkerActions(size_t number, std::vector<Action>* actions) const {
  const Worker& worker = workers_[number];
  const auto add = [&](Kind kind, int hazards, LeaseId lease = 0, TrialId trial = 0) {
    actions->push_back(
        {.kind = kind, .worker = number, .lease = lease, .trial = trial, .hazards = hazards});
  };
  add(Kind::kReturn, worker.connected ? 1 : 0);
  if (worker.epoch == 0) return;
  add(Kind::kForget, 1);
  if (worker.connected) {
    add(Kind::kDisconnect, 1);
    add(Kind::kHeartbeat, 0);
    add(Kind::kAmnesia, 1);
    add(Kind::kOldHeartbeat, 1);
  }
  for (const auto& [lease, trials] : worker.granted) {
    const bool held = worker.held.contains(lease);
    bool all_reported = true;
    for (const TrialId trial : trials) {
      const bool reported = worker.reported.contains({lease, trial});
      all_reported = all_reported && reported;
      add(Kind::kResult, held && !reported ? 0 : 1, lease, trial);
      add(Kind::kFailed, 1, lease, trial);
    }
    add(Kind::kFinished, all_reported ? 0 : 1, lease);
    add(Kind::kCrashed, 1, lease);
    add(Kind::kReturned, worker.asked_back.contains(lease) ? 0 : 1, lease);
  }
}

void SmallWorld::AddPersonActions(std::vector<Action>* actions) const {
  for (const Kind kind : {Kind::kDrain, Kind::kPause, Kind::kResume, Kind::kCancel, Kind::kRetry}) {
    actions->push_back({.kind = kind, .hazards = 1});
  }
}

void SmallWorld::Do(const Action& action) {
  hazards_ -= action.hazards;
  Worker& worker = workers_[action.worker];
  switch (action.kind) {
    case Kind::kExecute:
      machine_.ExecuteOne();
      break;
    case Kind::kReport:
      machine_.ReportOne();
      Route();
      break;
    case Kind::kRestart:
      machine_.Restart();
      for (Worker& one : workers_) one.connected = false;
      break;
    case Kind::kWait:
      Wait();
      break;
    case Kind::kReturn:
    case Kind::kForget:
      Connect(worker, action.kind == Kind::kReturn);
      break;
    case Kind::kDisconnect:
      worker.connected = false;
      Apply(WorkerDisconnected{.instance_id = worker.instance_id, .epoch = worker.epoch});
      break;
    case Kind::kHeartbeat:
      Heartbeat(worker, /*lists=*/true, /*saw=*/true);
      break;
    case Kind::kAmnesia:
      worker.held.clear();
      worker.asked_back.clear();
      Heartbeat(worker, /*lists=*/false, /*saw=*/true);
      break;
    case Kind::kOldHeartbeat:
      Heartbeat(worker, /*lists=*/false, /*saw=*/false);
      break;
    case Kind::kResult:
      Report(worker, action.lease, action.trial);
      break;
    case Kind::kFailed:
      worker.reported.insert({action.lease, action.trial});
      Apply(TrialReportedFailed{.instance_id = worker.instance_id,
                                .lease_id = action.lease,
                                .trial_id = action.trial,
                                .failure = FailureClass::kCrash,
                                .message = ""});
      break;
    case Kind::kFinished:
      End(worker, action.lease, LeaseReportedEnded::Reason::kFinished);
      break;
    case Kind::kCrashed:
      End(worker, action.lease, LeaseReportedEnded::Reason::kCrashed);
      break;
    case Kind::kReturned:
      End(worker, action.lease, LeaseReportedEnded::Reason::kReturned);
      break;
    case Kind::kDrain:
      Apply(DrainWorker{.token = ++token_, .name = workers_[0].instance_id});
      break;
    case Kind::kPause:
      Change(ChangeSweep::Kind::kPause, "s");
      break;
    case Kind::kResume:
      Change(ChangeSweep::Kind::kResume, "s");
      break;
    case Kind::kCancel:
      Change(ChangeSweep::Kind::kCancel, "s");
      break;
    case Kind::kRetry:
      books_.Retried();
      Change(ChangeSweep::Kind::kRetryFailed, "s");
      break;
  }
  if (checking_) books_.Check(machine_);
}

std::string DescribeAction(const SmallWorld::Action& action) {
  static constexpr const char* kNames[] = {
      "execute",   "report",  "restart",       "wait",   "return", "forget",   "disconnect",
      "heartbeat", "amnesia", "old heartbeat", "result", "failed", "finished", "crashed",
      "returned",  "drain",   "pause",         "resume", "cancel", "retry"};
  std::string text = kNames[static_cast<size_t>(action.kind)];
  if (action.kind >= SmallWorld::Kind::kReturn && action.kind <= SmallWorld::Kind::kReturned) {
    absl::StrAppend(&text, " of ", action.worker == 0 ? "a" : "b");
  }
  if (action.lease != 0) absl::StrAppend(&text, " lease ", action.lease);
  if (action.trial != 0) absl::StrAppend(&text, " trial ", action.trial);
  return text;
}

}  // namespace firstguess
