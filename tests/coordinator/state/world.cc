#include "tests/coordinator/state/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "coordinator/grid/grid.h"

namespace firstguess {
namespace {

using Reason = LeaseReportedEnded::Reason;

constexpr FailureClass kFailures[] = {FailureClass::kCrash, FailureClass::kTimeout,
                                      FailureClass::kOutOfMemory, FailureClass::kPreempted,
                                      FailureClass::kInvalid};
constexpr Reason kEnds[] = {Reason::kFinished, Reason::kReturned,   Reason::kDropped,
                            Reason::kCrashed,  Reason::kPreempted,  Reason::kIncapable,
                            Reason::kTimedOut, Reason::kOutOfMemory};

}  // namespace

World::World(uint64_t seed, Hazards hazards) : random_(seed), hazards_(hazards), workers_(3) {
  const std::string packs = absl::StrCat("pack: {max_trials: ", 1 + Draw(4), "}\n");
  const std::string attempts = absl::StrCat("max_attempts: ", 1 + Draw(3), "\n");
  cells_ = static_cast<int64_t>(2 + Draw(6));
  const std::string failures = Chance(20) ? "max_failures: 1\n" : "";
  specs_ = {SpecOf("s", cells_, packs + attempts + failures, 0),
            SpecOf("t", cells_, packs + absl::StrCat("priority: ", Draw(2), "\n"),
                   static_cast<int64_t>(Draw(static_cast<uint64_t>(cells_))))};
  for (Worker& worker : workers_) Replace(worker);
  Submit(0);
}

void World::Apply(const Event& event) {
  machine_.Apply(event);
  Route();
}

bool World::Execute() {
  if (!machine_.ExecuteOne()) return false;
  if (++writes_ == hazards_.restart_after_write) Restart();
  return true;
}

bool World::Report() {
  if (!machine_.ReportOne()) return false;
  Route();
  return true;
}

void World::Route() {
  for (ToWorker& message : machine_.TakeAll()) {
    CheckMessage(message);
    for (Worker& worker : workers_) {
      if (worker.instance_id == message.instance_id && worker.epoch == message.epoch &&
          worker.connected) {
        worker.down.push_back(message);
      }
    }
  }
  for (const Reply& reply : machine_.TakeReplies()) {
    ASSERT_TRUE(reply.sweep_id == 0 || machine_.store().sweeps().contains(reply.sweep_id))
        << "answered, but not stored";
  }
}

// What leaves the coordinator must be true in the store already.
void World::CheckMessage(const ToWorker& message) {
  const ModelStore& store = machine_.store();
  if (const auto* ack = std::get_if<ResultAckMessage>(&message.message)) {
    const auto trial = store.trials().find(ack->trial_id);
    if (ack->outcome == ResultAckMessage::Outcome::kStored) {
      ASSERT_EQ(trial->second.status, TrialStatus::kDone) << "acknowledged, but not stored";
      ASSERT_NE(trial->second.trajectory, nullptr);
    } else if (ack->outcome == ResultAckMessage::Outcome::kDuplicate && !retried_) {
      ASSERT_TRUE(trial->second.status == TrialStatus::kDone ||
                  trial->second.status == TrialStatus::kFailed);
    }
  }
  if (const auto* grant = std::get_if<GrantMessage>(&message.message)) {
    ASSERT_FALSE(grant->members.empty());
    ASSERT_TRUE(store.leases().contains(grant->lease_id));
    for (const auto& member : grant->members) {
      const auto& attempts = store.attempts(member.trial_id);
      ASSERT_TRUE(std::any_of(attempts.begin(), attempts.end(), [&](const auto& attempt) {
        return attempt.lease_id == grant->lease_id;
      })) << "granted, but not written down";
    }
  }
}

void World::CheckStep() {
  const ModelStore& store = machine_.store();
  ASSERT_TRUE(store.health().ok()) << store.health();
  // One final state per trial.
  for (const auto& [id, trial] : store.trials()) {
    const auto known = final_.find(id);
    if (known != final_.end()) {
      const bool may_change = known->second == TrialStatus::kCancelled ||
                              (known->second == TrialStatus::kFailed && retried_);
      ASSERT_TRUE(trial.status == known->second || may_change)
          << "trial " << id << " was " << TrialStatusName(known->second);
    }
    if (trial.status != TrialStatus::kPending && trial.status != TrialStatus::kLeased) {
      final_[id] = trial.status;
    }
  }
  if (!machine_.idle()) return;
  for (const SweepView& view : machine_.state().Sweeps()) {
    ASSERT_EQ(view.counters, store.Count(view.sweep_id)) << view.name;
    ASSERT_EQ(view.state, store.sweeps().at(view.sweep_id).state) << view.name;
  }
}

void World::Restart() {
  machine_.Restart();
  machine_.TakeAll();
  machine_.TakeReplies();
  disk_full_ = false;
  for (Worker& worker : workers_) {
    worker.connected = false;
    worker.up.clear();
    worker.down.clear();
  }
}

void World::Submit(size_t sweep) {
  Apply(SubmitSweep{.token = ++token_,
                    .request_id = absl::StrCat("request ", token_),
                    .sweep = std::make_shared<const Sweep>(*ParseSweep(specs_[sweep], "").sweep),
                    .spec_text = specs_[sweep]});
}

// Another spec under the same name: some cells are kept, some dropped, some added.
void World::Edit(size_t sweep) {
  std::string more =
      absl::StrCat("priority: ", Draw(2), "\npack: {max_trials: ", 1 + Draw(4), "}\n");
  if (Chance(30)) absl::StrAppend(&more, "width: 32\n");
  const std::string spec = SpecOf(sweep == 0 ? "s" : "t",
                                  static_cast<int64_t>(1 + Draw(static_cast<uint64_t>(cells_) + 3)),
                                  more, static_cast<int64_t>(Draw(static_cast<uint64_t>(cells_))));
  Apply(SubmitSweep{.token = ++token_,
                    .request_id = absl::StrCat("request ", token_),
                    .sweep = std::make_shared<const Sweep>(*ParseSweep(spec, "").sweep),
                    .spec_text = spec,
                    .extend = Chance(80)});
}

// The live cells of every sweep that was not cancelled are those of its latest spec.
void World::CheckCells() {
  for (const auto& [id, sweep] : machine_.store().sweeps()) {
    if (sweep.state == SweepState::kCancelled) continue;
    std::multiset<std::string> live;
    for (const auto& [cell, row] : sweep.rows) {
      if (row.dropped_in.has_value()) continue;
      live.insert(CanonicalJson(machine_.store().trials().at(row.trial_id).config));
    }
    std::multiset<std::string> wanted;
    const Grid grid(
        std::make_shared<const Sweep>(*ParseSweep(sweep.revisions.back().spec, "").sweep));
    for (uint64_t cell = 0; cell < grid.cells(); ++cell) {
      wanted.insert(CanonicalJson(grid.ConfigAt(cell)));
    }
    ASSERT_EQ(live, wanted) << sweep.name;
  }
}

void World::Person() {
  const std::string name = Chance(50) ? "s" : "t";
  using Kind = ChangeSweep::Kind;
  const uint64_t what = Draw(100);
  if (what < 40) {
    Submit(name == "s" ? 0 : 1);
  } else if (!hazards_.people) {
    return;
  } else if (what < 52) {
    Edit(name == "s" ? 0 : 1);
  } else if (what < 60) {
    Apply(ChangeSweep{.token = ++token_, .name = name, .kind = Kind::kPause, .classes = {}});
  } else if (what < 80) {
    Apply(ChangeSweep{.token = ++token_, .name = name, .kind = Kind::kResume, .classes = {}});
  } else if (what < 85) {
    Apply(ChangeSweep{.token = ++token_, .name = name, .kind = Kind::kCancel, .classes = {}});
  } else if (what < 95) {
    retried_ = true;
    std::vector<FailureClass> classes;
    if (Chance(50)) classes.push_back(kFailures[Draw(std::size(kFailures))]);
    Apply(ChangeSweep{
        .token = ++token_, .name = name, .kind = Kind::kRetryFailed, .classes = classes});
  } else {
    Apply(DrainWorker{.token = ++token_, .name = workers_[Draw(workers_.size())].instance_id});
  }
}

void World::Step() {
  Worker& worker = workers_[Draw(workers_.size())];
  const uint64_t what = Draw(1000);
  if (what < 200) {
    Execute();
  } else if (what < 400) {
    Report();
  } else if (what < 550) {
    DeliverUp(worker);
  } else if (what < 700) {
    DeliverDown(worker);
  } else if (what < 910) {
    Act(worker);
  } else if (what < 950) {
    machine_.Jump(absl::Seconds(1 + Draw(Chance(10) ? 40 : 2)));
    Apply(Tick());
  } else if (what < 975) {
    Person();
  } else if (what < 982) {
    disk_full_ = !disk_full_;
    Apply(DiskFull{.full = disk_full_});
  } else if (what < 992) {
    if (hazards_.deaths) Replace(worker);
  } else if (hazards_.restarts && hazards_.restart_after_write < 0) {
    Restart();
  }
  CheckStep();
}

void World::Finish() {
  hazards_ = {.network = false,
              .deaths = false,
              .people = false,
              .failures = false,
              .restarts = false,
              .restart_after_write = hazards_.restart_after_write};
  for (Worker& worker : workers_) Replace(worker);
  if (disk_full_) Apply(DiskFull{.full = disk_full_ = false});
  Submit(0);
  Submit(1);
  const auto is_open = [&] {
    if (!machine_.idle()) return true;
    const std::vector<SweepView> views = machine_.state().Sweeps();
    return views.size() < specs_.size() ||
           std::any_of(views.begin(), views.end(), [](const SweepView& view) {
             return view.state != SweepState::kDone && view.state != SweepState::kCancelled;
           });
  };
  for (int round = 0; is_open(); ++round) {
    ASSERT_LT(round, 1000) << "it does not finish";
    while (!testing::Test::HasFatalFailure() && (Execute() || Report())) {
    }
    for (const SweepView& view : machine_.state().Sweeps()) {
      if (view.state != SweepState::kPaused) continue;
      Apply(ChangeSweep{
          .token = ++token_, .name = view.name, .kind = ChangeSweep::Kind::kResume, .classes = {}});
    }
    if (machine_.state().Sweeps().size() < specs_.size()) {
      for (size_t sweep = 0; sweep < specs_.size(); ++sweep) Submit(sweep);
    }
    for (Worker& worker : workers_) {
      while (!worker.down.empty()) DeliverDown(worker);
      Act(worker);
      while (!worker.up.empty()) DeliverUp(worker);
    }
    machine_.Jump(absl::Seconds(2));
    Apply(Tick());
    CheckStep();
    if (testing::Test::HasFatalFailure()) return;
  }
  for (const auto& [id, sweep] : machine_.store().sweeps()) {
    const SweepCounters counters = machine_.store().Count(id);
    ASSERT_EQ(counters.done + counters.failed + counters.cancelled, sweep.cells) << sweep.name;
  }
  CheckCells();
  for (const auto& [id, lease] : machine_.store().leases()) {
    ASSERT_TRUE(lease.outcome.has_value()) << "lease " << id << " is open for ever";
    for (const auto& [trial, row] : machine_.store().trials()) {
      ASSERT_EQ(machine_.state().ConfigOf(id, trial), nullptr) << "trial " << trial << " lives on";
    }
  }
}

void World::Act(Worker& worker) {
  if (!worker.connected) return Connect(worker);
  const uint64_t what = Draw(100);
  if (what < 25 || worker.tasks.empty()) {
    worker.up.push_back(HeartbeatOf(worker));
  } else if (what < 90) {
    auto task = worker.tasks.begin();
    std::advance(task, Draw(worker.tasks.size()));
    Train(worker, task->first, task->second);
  } else if (hazards_.network) {
    if (Chance(50)) {
      worker.up.push_back(
          WorkerDisconnected{.instance_id = worker.instance_id, .epoch = worker.epoch});
    }
    worker.connected = false;
    worker.down.clear();
  }
}

void World::Train(Worker& worker, LeaseId lease, Task& task) {
  task.begun = true;
  if (hazards_.failures && Chance(10)) {
    worker.up.push_back(LeaseReportedEnded{.instance_id = worker.instance_id,
                                           .lease_id = lease,
                                           .reason = kEnds[Draw(std::size(kEnds))],
                                           .message = "ended"});
    worker.tasks.erase(lease);
    return;
  }
  const TrialId trial = task.left.back();
  task.left.pop_back();
  if (hazards_.failures && Chance(15)) {
    worker.up.push_back(TrialReportedFailed{.instance_id = worker.instance_id,
                                            .lease_id = lease,
                                            .trial_id = trial,
                                            .failure = kFailures[Draw(std::size(kFailures))],
                                            .message = "failed"});
  } else {
    worker.unacknowledged.insert({lease, trial});
    worker.up.push_back(ResultArrived{.instance_id = worker.instance_id,
                                      .lease_id = lease,
                                      .trial_id = trial,
                                      .trajectory = std::make_shared<const Trajectory>()});
  }
  if (!task.left.empty()) return;
  worker.up.push_back(LeaseReportedEnded{.instance_id = worker.instance_id,
                                         .lease_id = lease,
                                         .reason = Reason::kFinished,
                                         .message = ""});
  worker.tasks.erase(lease);
}

// A new stream: nothing of the old one arrives any more, except, with an unruly network, what the
// coordinator had not read yet.
void World::Connect(Worker& worker) {
  ++worker.epoch;
  worker.connected = true;
  worker.down.clear();
  if (!hazards_.network) worker.up.clear();
  const WorkerHeartbeat inventory = HeartbeatOf(worker);
  WorkerConnected hello = {.worker = AbleWorker(worker.instance_id, worker.epoch),
                           .leases = inventory.leases,
                           .unsent = {}};
  for (const auto& [lease, trial] : worker.unacknowledged) hello.unsent.push_back({lease, trial});
  worker.up.push_back(hello);
}

// Dies, unsaid; another process takes its place.
void World::Replace(Worker& worker) {
  worker = Worker();
  worker.instance_id = absl::StrCat("worker ", ++instances_);
}

// Takes the next message of a stream. An unruly network loses it, doubles it, or lets one overtake.
template <typename Message>
bool World::Pick(std::deque<Message>& queue, Message* picked) {
  if (queue.empty()) return false;
  auto chosen = queue.begin();
  if (hazards_.network && Chance(10)) chosen += static_cast<int64_t>(Draw(queue.size()));
  *picked = *chosen;
  if (hazards_.network && Chance(5)) return true;  // and it stays
  queue.erase(chosen);
  return !(hazards_.network && Chance(5));
}

void World::DeliverUp(Worker& worker) {
  Event event;
  if (Pick(worker.up, &event)) Apply(event);
}

void World::DeliverDown(Worker& worker) {
  ToWorker message;
  if (Pick(worker.down, &message)) Receive(worker, message);
}

void World::Receive(Worker& worker, const ToWorker& received) {
  if (const auto* welcome = std::get_if<WelcomeMessage>(&received.message)) {
    for (const LeaseId lease : welcome->drop) Drop(worker, lease, false);
    std::erase_if(worker.unacknowledged, [&](const auto& result) {
      return std::find(welcome->wanted.begin(), welcome->wanted.end(), result.second) ==
             welcome->wanted.end();
    });
    for (const auto& [lease, trial] : worker.unacknowledged) {
      worker.up.push_back(ResultArrived{.instance_id = worker.instance_id,
                                        .lease_id = lease,
                                        .trial_id = trial,
                                        .trajectory = std::make_shared<const Trajectory>()});
    }
  } else if (const auto* reply = std::get_if<HeartbeatReplyMessage>(&received.message)) {
    for (const LeaseId lease : reply->drop) Drop(worker, lease, false);
  } else if (const auto* grant = std::get_if<GrantMessage>(&received.message)) {
    worker.last_grant = std::max(worker.last_grant, grant->grant_number);
    Task& task = worker.tasks[grant->lease_id];
    task.left.clear();
    for (const auto& member : grant->members) task.left.push_back(member.trial_id);
  } else if (const auto* drop = std::get_if<DropMessage>(&received.message)) {
    Drop(worker, drop->lease_id, drop->only_if_not_begun);
  } else if (const auto* ack = std::get_if<ResultAckMessage>(&received.message)) {
    worker.unacknowledged.erase({ack->lease_id, ack->trial_id});
  } else if (std::holds_alternative<DrainMessage>(received.message)) {
    for (const auto& [lease, task] : std::exchange(worker.tasks, {})) {
      worker.up.push_back(LeaseReportedEnded{.instance_id = worker.instance_id,
                                             .lease_id = lease,
                                             .reason = Reason::kReturned,
                                             .message = ""});
    }
  } else if (std::holds_alternative<GoodbyeMessage>(received.message)) {
    worker.connected = false;
  }
}

void World::Drop(Worker& worker, LeaseId lease, bool only_if_not_begun) {
  const auto task = worker.tasks.find(lease);
  if (task == worker.tasks.end() || (only_if_not_begun && task->second.begun)) return;
  worker.tasks.erase(task);
  worker.up.push_back(
      LeaseReportedEnded{.instance_id = worker.instance_id,
                         .lease_id = lease,
                         .reason = only_if_not_begun ? Reason::kReturned : Reason::kDropped,
                         .message = ""});
}

WorkerHeartbeat World::HeartbeatOf(const Worker& worker) const {
  WorkerHeartbeat heartbeat = {.instance_id = worker.instance_id,
                               .epoch = worker.epoch,
                               .leases = {},
                               .last_grant_number = worker.last_grant};
  for (const auto& [lease, task] : worker.tasks) {
    heartbeat.leases.push_back({.lease_id = lease, .begun = task.begun});
  }
  return heartbeat;
}

}  // namespace firstguess
