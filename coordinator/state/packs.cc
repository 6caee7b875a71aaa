#include <algorithm>
#include <utility>

#include "coordinator/state/impl.h"

namespace firstguess {

Pack& State::Impl::AddPack(PackId id, std::shared_ptr<const Shape> shape) {
  std::unique_ptr<Pack>& pack = packs[id];
  pack = std::make_unique<Pack>();
  pack->id = id;
  pack->shape = std::move(shape);
  return *pack;
}

// The pack that owns a trial which became open again.
Pack& State::Impl::PackFor(const StoredTrial& stored) {
  const auto found = packs.find(stored.pack_id);
  if (found != packs.end()) return *found->second;
  return AddPack(stored.pack_id, ShapeOf(stored.config));
}

// Lists the pack with every sweep that wants a trial of it which can be granted now. To be called
// whenever that may have changed.
void State::Impl::Offer(Pack& pack) {
  Withdraw(pack);
  if (pack.lease != nullptr) return;
  for (const Trial* trial : pack.trials) {
    if (!trial->idle()) continue;
    if (trial->ready_at > now) {
      pack.due = std::min(pack.due.value_or(trial->ready_at), trial->ready_at);
      continue;
    }
    pack.offered_to.insert(pack.offered_to.end(), trial->wanted_by.begin(), trial->wanted_by.end());
  }
  std::sort(pack.offered_to.begin(), pack.offered_to.end());
  pack.offered_to.erase(std::unique(pack.offered_to.begin(), pack.offered_to.end()),
                        pack.offered_to.end());
  if (pack.due.has_value()) due.insert({*pack.due, pack.id});
  for (const SweepId id : pack.offered_to) {
    SweepRecord& sweep = sweeps.at(id);
    sweep.ready[pack.shape->key].insert(pack.id);
    UpdateOffer(sweep);
    if (sweep.state == SweepState::kRunning) new_work = true;
  }
}

void State::Impl::Withdraw(Pack& pack) {
  for (const SweepId id : std::exchange(pack.offered_to, {})) {
    SweepRecord& sweep = sweeps.at(id);
    const auto shape = sweep.ready.find(pack.shape->key);
    shape->second.erase(pack.id);
    if (shape->second.empty()) sweep.ready.erase(shape);
    UpdateOffer(sweep);
  }
  if (pack.due.has_value()) due.erase({*pack.due, pack.id});
  pack.due.reset();
}

// Offers packs of which a trial has backed off for long enough.
void State::Impl::OfferDue() {
  while (!due.empty() && due.begin()->first <= now) Offer(*packs.at(due.begin()->second));
}

void State::Impl::EraseIfEmpty(Pack& pack) {
  if (!pack.trials.empty() || pack.lease != nullptr) return;
  Withdraw(pack);
  packs.erase(pack.id);
}

// Divides trials of a pack, which nobody has, at the middle one. Those of the pack that are not
// named stay in it.
void State::Impl::Split(Pack& pack, const std::vector<Trial*>& divided) {
  SplitPack write = {.pack_id = pack.id, .parts = {}};
  const auto middle = divided.begin() + static_cast<int64_t>((divided.size() + 1) / 2);
  for (const auto& [first, last] :
       {std::pair(divided.begin(), middle), std::pair(middle, divided.end())}) {
    Pack& part = AddPack(++last_pack_id, pack.shape);
    part.trials.assign(first, last);
    SplitPack::Part written = {.pack_id = part.id, .trials = {}};
    for (Trial* trial : part.trials) {
      pack.trials.erase(std::find(pack.trials.begin(), pack.trials.end(), trial));
      trial->pack = &part;
      written.trials.push_back(trial->id);
    }
    write.parts.push_back(std::move(written));
    Offer(part);
  }
  Offer(pack);
  EraseIfEmpty(pack);
  Emit(std::move(write), NothingMore());
}

}  // namespace firstguess
