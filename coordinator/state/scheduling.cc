#include <algorithm>
#include <utility>

#include "coordinator/state/impl.h"

// Which pack next, for which worker. Sweeps go by priority, equal ones in turns. Within a sweep,
// packs that were granted before come first, then the plan goes on; so a shape that no connected
// worker can run holds back what the plan has behind it, and WaitingReason says so.
namespace firstguess {
namespace {

// Leases whose writes may be under way at once: more only makes the first of them wait. Once there
// are so many, no more are made until half are done, so that many workers are not looked through
// for every single one.
constexpr int64_t kMostOpening = 256;

}  // namespace

// Puts the worker and its leases where their number and states say. To be called whenever those
// change.
void State::Impl::Reindex(Worker& worker) {
  if (worker.hungry_key.has_value()) hungry.erase({*worker.hungry_key, worker.ordinal});
  worker.hungry_key.reset();
  const auto held = static_cast<int64_t>(worker.leases.size());
  if (worker.state == WorkerState::kConnected && !worker.holding_back &&
      held < worker.description.capacity) {
    worker.hungry_key = held;
    hungry[{held, worker.ordinal}] = &worker;
  }
  for (Lease* lease : worker.leases) {
    ListAhead(*lease, lease != worker.leases.front() && lease->state == LeaseState::kGranted &&
                          !lease->begun && !lease->reclaiming);
  }
}

void State::Impl::ListAhead(Lease& lease, bool ahead) {
  if (lease.ahead == ahead) return;
  lease.ahead = ahead;
  if (ahead) {
    leases_ahead.insert(lease.id);
  } else {
    leases_ahead.erase(lease.id);
  }
}

// To be called when the worker may be granted more than before.
void State::Impl::Wake(Worker& worker) {
  if (worker.hungry_key.has_value()) awake.push_back(&worker);
}

// Lists the sweep if it has something to grant. To be called whenever that may have changed.
void State::Impl::UpdateOffer(SweepRecord& sweep) {
  const bool offers_work =
      sweep.state == SweepState::kRunning && (!sweep.ready.empty() || !sweep.fully_opened());
  if (sweep.offer_key.has_value()) {
    if (offers_work && *sweep.offer_key == sweep.turn) return;
    offers.erase({-sweep.priority, *sweep.offer_key, sweep.id});
    sweep.offer_key.reset();
  } else if (offers_work) {
    new_work = true;
  }
  if (offers_work) {
    sweep.offer_key = sweep.turn;
    offers.insert({-sweep.priority, sweep.turn, sweep.id});
  }
}

// One lease to each worker that can take one, those with fewest first, then again.
void State::Impl::Schedule() {
  if (leases_opening <= kMostOpening / 2) throttled = false;
  if (disk_full || throttled) {
    // Whoever woke up is looked after when there is room.
    new_work = new_work || !awake.empty();
    awake.clear();
    return;
  }
  std::vector<Worker*> candidates;
  if (new_work) {
    for (const auto& [key, worker] : hungry) candidates.push_back(worker);
  } else {
    candidates = awake;
    std::sort(candidates.begin(), candidates.end(), [](const Worker* left, const Worker* right) {
      return std::pair(left->leases.size(), left->ordinal) <
             std::pair(right->leases.size(), right->ordinal);
    });
    candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  }
  new_work = false;
  awake.clear();
  std::vector<Worker*> idle;
  while (!candidates.empty()) {
    std::vector<Worker*> again;
    for (Worker* worker : candidates) {
      if (leases_opening >= kMostOpening) {
        throttled = true;
        new_work = true;
        return;
      }
      if (!worker->hungry_key.has_value()) continue;
      if (GrantNext(*worker)) {
        again.push_back(worker);
      } else if (worker->leases.empty()) {
        idle.push_back(worker);
      }
    }
    candidates = std::move(again);
  }
  for (Worker* worker : idle) Reclaim(*worker);
}

bool State::Impl::GrantNext(Worker& worker) {
  for (const auto& [priority, turn, id] : offers) {
    SweepRecord& sweep = sweeps.at(id);
    if (!MeetsRequirements(worker.description, sweep.sweep->needs)) continue;
    for (const auto& [shape, ready] : sweep.ready) {
      Pack& pack = *packs.at(*ready.begin());
      if (!CanRun(worker, *pack.shape)) continue;
      LeaseAgain(worker, sweep, pack);
      return true;
    }
    // No pack is opened while trials wait to be cancelled: see CancelUnwanted.
    if (sweep.fully_opened() || !unwanted.empty()) continue;
    if (!CanRun(worker, CursorShape(sweep))) continue;
    OpenNextPack(worker, sweep);
    return true;
  }
  return false;
}

bool State::Impl::CanRun(const Worker& worker, const Shape& shape) const {
  return CanRunShape(worker.description, worker.barred, shape);
}

// Whether a running sweep wants the trial that this worker's kind may work for.
bool State::Impl::Serves(const Worker& worker, const Trial& trial) const {
  return std::any_of(trial.wanted_by.begin(), trial.wanted_by.end(), [&](SweepId id) {
    const SweepRecord& sweep = sweeps.at(id);
    return sweep.state == SweepState::kRunning &&
           MeetsRequirements(worker.description, sweep.sweep->needs);
  });
}

// To be called when a cursor moved.
void State::Impl::FindOpening(SweepRecord& sweep) {
  sweep.opening = 0;
  while (!sweep.fully_opened() && sweep.plans[sweep.opening].fully_opened()) ++sweep.opening;
}

const Shape& State::Impl::CursorShape(SweepRecord& sweep) const {
  const auto& [plan, cursor] = sweep.plans[sweep.opening];
  const uint64_t number = plan->ShapeNumber(cursor);
  if (sweep.cursor_shape == nullptr || sweep.cursor_shape_plan != sweep.opening ||
      sweep.cursor_shape_number != number) {
    sweep.cursor_shape_plan = sweep.opening;
    sweep.cursor_shape_number = number;
    sweep.cursor_shape = ShapeOf(plan->grid().ConfigAt(plan->CellAt(cursor)));
  }
  return *sweep.cursor_shape;
}

void State::Impl::OpenNextPack(Worker& worker, SweepRecord& sweep) {
  CursorShape(sweep);
  auto& [plan, cursor] = sweep.plans[sweep.opening];
  const PackPlan::Pack planned = plan->PackAt(cursor);
  Pack& pack = AddPack(++last_pack_id, sweep.cursor_shape);
  Lease& lease = AddLease(++last_lease_id, worker, pack);
  OpenPack write = {.pack_id = pack.id,
                    .sweep_id = sweep.id,
                    .revision = static_cast<int64_t>(sweep.opening) + 1,
                    .plan_index = planned.plan_index,
                    .cells = {},
                    .lease = RecordOf(lease)};
  for (uint64_t place = cursor; place < planned.end(); ++place) {
    const uint64_t cell = plan->CellAt(place);
    if (!plan->IsLive(cell)) continue;
    write.cells.push_back({.cell = cell,
                           .slot = static_cast<int64_t>(place - planned.plan_index),
                           .config = plan->grid().ConfigAt(cell)});
  }
  cursor = plan->NextLive(planned.end());
  FindOpening(sweep);
  sweep.turn = ++last_turn;
  UpdateOffer(sweep);
  ++packs_opening;
  ++leases_opening;
  Emit(std::move(write), PackOpened{.lease = lease.id, .sweep = sweep.id});
}

void State::Impl::LeaseAgain(Worker& worker, SweepRecord& sweep, Pack& pack) {
  Lease& lease = AddLease(++last_lease_id, worker, pack);
  LeasePack write = {.pack_id = pack.id, .trials = {}, .lease = RecordOf(lease)};
  for (Trial* trial : pack.trials) {
    if (!trial->idle() || trial->ready_at > now || !Serves(worker, *trial)) continue;
    AddMember(lease, *trial);
    write.trials.push_back(trial->id);
  }
  sweep.turn = ++last_turn;
  UpdateOffer(sweep);
  ++leases_opening;
  Emit(std::move(write), PackLeased{.lease = lease.id});
}

}  // namespace firstguess
