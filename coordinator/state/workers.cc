#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/state/impl.h"

namespace firstguess {
namespace {

constexpr absl::Duration kForgetAfter = absl::Minutes(10);
constexpr absl::Duration kComeBackSoon = absl::Seconds(1);

}  // namespace

Worker& State::Impl::AddWorker(const std::string& instance_id) {
  Worker& worker = workers[instance_id];
  worker.ordinal = ++last_worker_ordinal;
  worker.description.instance_id = instance_id;
  worker.description.epoch = std::numeric_limits<int64_t>::min();
  workers_by_ordinal[worker.ordinal] = &worker;
  return worker;
}

Worker* State::Impl::FindWorker(const std::string& instance_id) {
  const auto found = workers.find(instance_id);
  return found == workers.end() ? nullptr : &found->second;
}

void State::Impl::MoveWorker(Worker& worker, WorkerState to) {
  if (worker.state == to) return;
  Broken(CheckTransition(worker.state, to));
  worker.state = to;
  if (worker.forget_at.has_value()) departed.erase({*worker.forget_at, worker.ordinal});
  worker.forget_at.reset();
  if (to == WorkerState::kLost) {
    // One that was told to leave, and did, is not missed.
    const bool left = worker.drain_asked && worker.leases.empty();
    worker.forget_at = left ? now : now + kForgetAfter;
    departed.insert({*worker.forget_at, worker.ordinal});
  }
  Reindex(worker);
}

// A sign of life: all of the worker's leases expire a lease's duration from now.
void State::Impl::Heard(Worker& worker) {
  worker.heard_at = now;
  worker.holding_back = false;
  if (worker.expires_at.has_value()) expiries.erase({*worker.expires_at, worker.ordinal});
  worker.expires_at = now + options.lease_duration - late;
  expiries.insert({*worker.expires_at, worker.ordinal});
  if (worker.state == WorkerState::kLost) {
    const bool can_work = worker.description.cannot_work_reason.empty();
    MoveWorker(worker, worker.drain_asked ? WorkerState::kDraining
                       : can_work         ? WorkerState::kConnected
                                          : WorkerState::kCannotWork);
  }
  Reindex(worker);
  if (worker.leases.empty()) Wake(worker);
}

// What it says of its trainers. Of a worker that is new here, the time before does not count.
void State::Impl::TakeTrainerTime(Worker& worker, const TrainerTime& time) {
  const TrainerTime before = worker.trainer_time.value_or(time);
  trainer_time.seconds += std::max(0.0, time.seconds - before.seconds);
  trainer_time.busy_seconds += std::max(0.0, time.busy_seconds - before.busy_seconds);
  worker.trainer_time = time;
}

void State::Impl::Handle(const WorkerConnected& event) {
  const std::string& instance_id = event.worker.instance_id;
  Worker* known = FindWorker(instance_id);
  if (known != nullptr && event.worker.epoch <= known->description.epoch) {
    // The same hello twice is no second connection.
    if (known->state != WorkerState::kLost && event.worker.epoch == known->description.epoch) {
      return;
    }
    effects.messages.push_back(
        {.instance_id = instance_id,
         .epoch = event.worker.epoch,
         .message = GoodbyeMessage{.reason = "this worker has a newer connection",
                                   .retry_after = absl::ZeroDuration()}});
    return;
  }
  if (known != nullptr && known->state != WorkerState::kLost) {
    Send(*known, GoodbyeMessage{.reason = "this worker has a newer connection",
                                .retry_after = absl::ZeroDuration()});
    MoveWorker(*known, WorkerState::kLost);
  }
  Worker& worker = known != nullptr ? *known : AddWorker(instance_id);
  worker.description = event.worker;
  worker.description.capacity = std::max<int64_t>(1, event.worker.capacity);
  TakeTrainerTime(worker, event.trainer_time);
  // A lease whose results are on their way is held until they are here.
  std::map<LeaseId, bool> held;
  for (const UnsentResult& result : event.unsent) held[result.lease_id] = true;
  for (const HeldLease& lease : event.leases) held[lease.lease_id] = lease.begun;
  Heard(worker);
  WelcomeMessage welcome = {.drop = Leftovers(worker, event.leases),
                            .wanted = {},
                            .heartbeat_interval = options.heartbeat_interval};
  for (const UnsentResult& result : event.unsent) {
    const Lease* lease = FindLease(result.lease_id);
    if (lease == nullptr || lease->instance_id != instance_id) continue;
    const Lease::Member* member = lease->Find(result.trial_id);
    if (member != nullptr && member->trial != nullptr) welcome.wanted.push_back(member->id);
  }
  Send(worker, std::move(welcome));
  if (worker.drain_asked) Send(worker, DrainMessage());
  Compare(worker, held, /*new_stream=*/true);
  Wake(worker);
}

void State::Impl::Handle(const WorkerHeartbeat& event) {
  Worker* worker = FindWorker(event.instance_id);
  if (worker == nullptr) {
    effects.messages.push_back(
        {.instance_id = event.instance_id,
         .epoch = event.epoch,
         .message = GoodbyeMessage{.reason = "say hello first", .retry_after = kComeBackSoon}});
    return;
  }
  if (event.epoch != worker->description.epoch) return;
  std::map<LeaseId, bool> held;
  for (const HeldLease& lease : event.leases) held[lease.lease_id] = lease.begun;
  worker->last_grant_seen = std::max(worker->last_grant_seen, event.last_grant_number);
  TakeTrainerTime(*worker, event.trainer_time);
  if (event.leaving) worker->drain_asked = true;
  if (event.leaving) MoveWorker(*worker, WorkerState::kDraining);
  Heard(*worker);
  Send(*worker, HeartbeatReplyMessage{.drop = Leftovers(*worker, event.leases)});
  Compare(*worker, held, /*new_stream=*/false);
}

void State::Impl::Handle(const WorkerTrainerTime& event) {
  Worker* worker = FindWorker(event.instance_id);
  if (worker == nullptr || event.epoch != worker->description.epoch) return;
  TakeTrainerTime(*worker, event.trainer_time);
}

void State::Impl::Handle(const WorkerDisconnected& event) {
  Worker* worker = FindWorker(event.instance_id);
  if (worker == nullptr || event.epoch != worker->description.epoch) return;
  MoveWorker(*worker, WorkerState::kLost);
}

void State::Impl::Handle(const DrainWorker& event) {
  int64_t told = 0;
  for (auto& [instance_id, worker] : workers) {
    if (instance_id != event.name && worker.description.name != event.name) continue;
    if (worker.state == WorkerState::kLost) continue;
    worker.drain_asked = true;
    MoveWorker(worker, WorkerState::kDraining);
    Send(worker, DrainMessage());
    ++told;
  }
  Reply reply = {.token = event.token, .status = absl::OkStatus(), .count = told};
  if (told == 0) {
    reply.status =
        absl::NotFoundError(absl::StrCat("no connected worker is called `", event.name, "`"));
  }
  effects.replies.push_back(std::move(reply));
}

// What the worker holds that is no open lease of it. A lease stays off the list while a result of
// it is being written: the worker must be able to send that again until it is on disk.
std::vector<LeaseId> State::Impl::Leftovers(const Worker& worker,
                                            const std::vector<HeldLease>& held) const {
  std::vector<LeaseId> leftovers;
  for (const HeldLease& one : held) {
    const Lease* lease = FindLease(one.lease_id);
    const bool mine = lease != nullptr && lease->instance_id == worker.description.instance_id;
    const bool needed =
        mine &&
        (lease->state != LeaseState::kEnded ||
         std::any_of(lease->members.begin(), lease->members.end(), [](const Lease::Member& member) {
           return member.reported && member.trial != nullptr && member.trial->committing;
         }));
    if (!needed) leftovers.push_back(one.lease_id);
  }
  return leftovers;
}

// Ends the leases that were granted to the worker and that it does not hold (any more).
void State::Impl::Compare(Worker& worker, const std::map<LeaseId, bool>& held, bool new_stream) {
  for (Lease* lease : std::vector<Lease*>(worker.leases)) {
    if (lease->state != LeaseState::kGranted) continue;
    const auto found = held.find(lease->id);
    if (found != held.end()) {
      lease->begun = lease->begun || found->second;
      if (lease->begun || new_stream) lease->reclaiming = false;
    } else if (lease->id <= worker.last_grant_seen) {
      EndLost(*lease, "lost", "its worker does not hold it any more");
    } else if (new_stream || now - lease->granted_at > options.lease_duration) {
      EndLease(*lease, "returned", "its grant did not arrive");
    }
  }
  Reindex(worker);
}

void State::Impl::ExpireWorkers() {
  while (!expiries.empty() && expiries.begin()->first + late <= now) {
    Worker& worker = *workers_by_ordinal.at(expiries.begin()->second);
    expiries.erase(expiries.begin());
    worker.expires_at.reset();
    if (worker.state != WorkerState::kLost) {
      effects.silent.push_back({.name = worker.description.name,
                                .instance_id = worker.description.instance_id,
                                .leases = static_cast<int64_t>(worker.leases.size())});
    }
    MoveWorker(worker, WorkerState::kLost);
    for (Lease* lease : std::vector<Lease*>(worker.leases)) {
      // One that is being opened is dealt with when it is on disk.
      if (lease->state != LeaseState::kGranted) continue;
      EndLost(*lease, "expired", "its worker fell silent");
    }
  }
}

void State::Impl::ForgetWorkers() {
  while (!departed.empty() && departed.begin()->first <= now) {
    Worker& worker = *workers_by_ordinal.at(departed.begin()->second);
    departed.erase(departed.begin());
    if (!worker.leases.empty()) {
      worker.forget_at = now + kForgetAfter;
      departed.insert({*worker.forget_at, worker.ordinal});
      continue;
    }
    if (worker.expires_at.has_value()) expiries.erase({*worker.expires_at, worker.ordinal});
    for (const LeaseId lease : worker.remembered) leases.erase(lease);
    workers_by_ordinal.erase(worker.ordinal);
    workers.erase(worker.description.instance_id);
  }
}

}  // namespace firstguess
