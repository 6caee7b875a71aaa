// What the workers of the small cluster do, and what its network does to their messages.
#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "tests/coordinator/state/world.h"

namespace firstguess {
namespace {

using Reason = LeaseReportedEnded::Reason;

constexpr Reason kEnds[] = {Reason::kFinished, Reason::kReturned,   Reason::kDropped,
                            Reason::kCrashed,  Reason::kPreempted,  Reason::kIncapable,
                            Reason::kTimedOut, Reason::kOutOfMemory};

}  // namespace

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
