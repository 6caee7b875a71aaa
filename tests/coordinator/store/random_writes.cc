#include "tests/coordinator/store/random_writes.h"

#include <algorithm>
#include <iterator>

#include "tests/coordinator/store/store_testing.h"

namespace firstguess {
namespace {

constexpr uint64_t kMostSweeps = 4;
constexpr FailureClass kFailures[] = {FailureClass::kCrash, FailureClass::kTimeout,
                                      FailureClass::kOutOfMemory, FailureClass::kLost,
                                      FailureClass::kInvalid};
constexpr const char* kOutcomes[] = {"finished", "returned",     "dropped",   "expired",
                                     "crash",    "timeout",      "preempted", "incapable",
                                     "lost",     "out_of_memory"};

// Cell `cell` of a sweep. Sweeps start at different seeds and so share trials; every fifth cell is
// the same trial as the one before it, written in another way.
TrialConfig ConfigAt(SweepId sweep_id, uint64_t cell) {
  const bool is_twin = cell % 5 == 4;
  TrialConfig config = ConfigOf(3 * sweep_id + static_cast<int64_t>(is_twin ? cell - 1 : cell));
  if (is_twin) config.noise_kind = "pair_flip";
  return config;
}

}  // namespace

std::pair<Write, WriteResult> RandomWrites::Next() {
  for (;;) {
    // Opening and finishing are what mostly happens.
    constexpr size_t kKinds[] = {0, 1, 2, 2, 2, 3, 3, 4, 4, 4, 4, 5, 5, 6, 7, 8, 9, 10};
    std::optional<Write> write = DrawKind(kKinds[Draw(std::size(kKinds))]);
    if (!write.has_value()) continue;
    WriteResult result = model_.Execute(*write);
    return {*std::move(write), std::move(result)};
  }
}

absl::Time RandomWrites::Now() { return At(++now_); }

LeaseRecord RandomWrites::NextLease() {
  LeaseRecord lease = LeaseOf(++last_lease_);
  lease.granted_at = Now();
  return lease;
}

std::optional<Write> RandomWrites::DrawKind(size_t kind) {
  switch (kind) {
    case 0:
      return DrawSweep();
    case 1:
      return DrawState();
    case 2:
      return DrawOpenPack();
    case 3:
      return DrawLeasePack();
    case 4:
      return DrawResult();
    case 5:
      return DrawEndAttempt();
    case 6:
      return DrawEndLease();
    case 7:
      return DrawSplit();
    case 8:
      return DrawCancel();
    case 9:
      return DrawExtend();
    default:
      return DrawRetry();
  }
}

std::optional<Write> RandomWrites::DrawSweep() {
  if (model_.sweeps().size() >= kMostSweeps) return std::nullopt;
  InsertSweep sweep =
      SweepOf(static_cast<SweepId>(model_.sweeps().size()) + 1, static_cast<int64_t>(3 + Draw(12)));
  sweep.at = Now();
  return sweep;
}

std::optional<Write> RandomWrites::DrawExtend() {
  const auto id = DrawKey(model_.sweeps());
  if (!id.has_value()) return std::nullopt;
  const ModelStore::SweepRow& sweep = model_.sweeps().at(*id);
  if (sweep.state == SweepState::kCancelled || sweep.revisions.size() >= 5) return std::nullopt;
  ExtendSweep extend = {.sweep_id = *id,
                        .revision = static_cast<int64_t>(sweep.revisions.size()) + 1,
                        .spec = "another spec",
                        .canonical = "another canonical spec",
                        .priority = static_cast<int64_t>(Draw(3)),
                        .cells = 0,
                        .drops = nullptr,
                        .at = Now()};
  if (Chance(60)) {
    extend.drops = [bits = random_()](int64_t revision, uint64_t cell) {
      return (bits >> ((static_cast<uint64_t>(revision) * 17 + cell) % 64)) % 2 == 1;
    };
  }
  for (const auto& [cell, row] : sweep.rows) {
    const bool dropped = extend.drops != nullptr && extend.drops(cell.first, cell.second);
    if (!row.dropped_in.has_value() && !dropped) ++extend.cells;
  }
  extend.cells += static_cast<int64_t>(1 + Draw(4));
  // Some of the new cells are of trials that were there before, dropped or not.
  uint64_t& cursor = cursors_[*id];
  cursor -= Draw(std::min<uint64_t>(cursor, 4) + 1);
  return extend;
}

std::optional<Write> RandomWrites::DrawState() {
  const auto id = DrawKey(model_.sweeps());
  if (!id.has_value()) return std::nullopt;
  const SweepState now = model_.sweeps().at(*id).state;
  if (now == SweepState::kCancelled) return std::nullopt;
  // Also when it is done: the person may not have known yet.
  SweepState to = now == SweepState::kRunning ? SweepState::kPaused : SweepState::kRunning;
  if (Chance(20)) to = SweepState::kCancelled;
  return SetSweepState{.sweep_id = *id, .state = to, .at = Now()};
}

std::optional<Write> RandomWrites::DrawOpenPack() {
  const auto id = DrawKey(model_.sweeps());
  if (!id.has_value()) return std::nullopt;
  const ModelStore::SweepRow& sweep = model_.sweeps().at(*id);
  uint64_t& cursor = cursors_[*id];
  const auto opened = std::count_if(sweep.rows.begin(), sweep.rows.end(), [](const auto& cell) {
    return !cell.second.dropped_in.has_value();
  });
  const auto left = static_cast<uint64_t>(sweep.cells - opened);
  if (sweep.state == SweepState::kCancelled || left == 0) return std::nullopt;
  OpenPack pack;
  pack.pack_id = ++last_pack_;
  pack.sweep_id = *id;
  pack.revision = static_cast<int64_t>(sweep.revisions.size());
  pack.plan_index = cursor;
  pack.lease = NextLease();
  const uint64_t size = 1 + Draw(std::min<uint64_t>(left, 4));
  for (uint64_t slot = 0; slot < size; ++slot, ++cursor) {
    pack.cells.push_back(
        {.cell = cursor, .slot = static_cast<int64_t>(slot), .config = ConfigAt(*id, cursor)});
  }
  return pack;
}

std::optional<Write> RandomWrites::DrawLeasePack() {
  auto [pack_id, trials] = DrawFreePack();
  if (trials.empty()) return std::nullopt;
  if (Chance(30)) trials.resize(1 + Draw(trials.size()));
  return LeasePack{.pack_id = pack_id, .trials = std::move(trials), .lease = NextLease()};
}

std::optional<Write> RandomWrites::DrawResult() {
  const auto id = DrawKey(model_.trials());
  if (!id.has_value()) return std::nullopt;
  const auto& attempts = model_.attempts(*id);
  StoreResult result = ResultOf(*id, attempts[Draw(attempts.size())].lease_id);
  result.finished_at = Now();
  if (Chance(20)) {
    auto trajectory = std::make_shared<Trajectory>(*result.trajectory);
    trajectory->diverged_at_step = 5;
    result.trajectory = std::move(trajectory);
  }
  return result;
}

std::optional<Write> RandomWrites::DrawEndAttempt() {
  const auto id = DrawKey(model_.trials());
  if (!id.has_value() || model_.trials().at(*id).status != TrialStatus::kLeased) {
    return std::nullopt;
  }
  return EndAttempt{.trial_id = *id,
                    .lease_id = model_.attempts(*id).back().lease_id,
                    .failure = kFailures[Draw(std::size(kFailures))],
                    .message = Chance(50) ? "it went wrong" : "",
                    .charged = Chance(50),
                    .final_failure = Chance(50),
                    .at = Now()};
}

std::optional<Write> RandomWrites::DrawEndLease() {
  const auto id = DrawKey(model_.leases());
  if (!id.has_value() || model_.leases().at(*id).outcome.has_value()) return std::nullopt;
  return EndLease{.lease_id = *id,
                  .outcome = kOutcomes[Draw(std::size(kOutcomes))],
                  .message = Chance(50) ? "it is over" : "",
                  .at = Now()};
}

std::optional<Write> RandomWrites::DrawSplit() {
  auto [pack_id, trials] = DrawFreePack();
  if (trials.size() < 2) return std::nullopt;
  const auto middle = trials.begin() + static_cast<int64_t>(1 + Draw(trials.size() - 1));
  SplitPack split = {.pack_id = pack_id, .parts = {}};
  split.parts.push_back({.pack_id = ++last_pack_, .trials = {trials.begin(), middle}});
  split.parts.push_back({.pack_id = ++last_pack_, .trials = {middle, trials.end()}});
  return split;
}

std::optional<Write> RandomWrites::DrawCancel() {
  CancelTrials cancel = {.trials = {}, .at = Now()};
  for (const auto& [id, trial] : model_.trials()) {
    const bool is_open =
        trial.status == TrialStatus::kPending || trial.status == TrialStatus::kLeased;
    if (is_open && !IsWanted(id)) cancel.trials.push_back(id);
  }
  if (cancel.trials.empty()) return std::nullopt;
  return cancel;
}

std::optional<Write> RandomWrites::DrawRetry() {
  const auto id = DrawKey(model_.sweeps());
  if (!id.has_value()) return std::nullopt;
  RetryFailed retry = {.sweep_id = *id, .classes = {}};
  if (Chance(50)) retry.classes.push_back(kFailures[Draw(std::size(kFailures))]);
  return retry;
}

bool RandomWrites::HasOpenLease(PackId pack_id) const {
  return std::any_of(model_.leases().begin(), model_.leases().end(), [&](const auto& lease) {
    return lease.second.pack_id == pack_id && !lease.second.outcome.has_value();
  });
}

bool RandomWrites::IsWanted(TrialId trial_id) const {
  return std::any_of(model_.sweeps().begin(), model_.sweeps().end(), [&](const auto& sweep) {
    return sweep.second.state != SweepState::kCancelled && sweep.second.HasLive(trial_id);
  });
}

std::pair<PackId, std::vector<TrialId>> RandomWrites::DrawFreePack() {
  const auto pack_id = DrawKey(model_.packs());
  if (!pack_id.has_value() || HasOpenLease(*pack_id)) return {};
  std::vector<TrialId> trials;
  for (const auto& [id, trial] : model_.trials()) {
    if (trial.pack_id == *pack_id && trial.status == TrialStatus::kPending) trials.push_back(id);
  }
  return {*pack_id, std::move(trials)};
}

template <typename Map>
std::optional<typename Map::key_type> RandomWrites::DrawKey(const Map& map) {
  if (map.empty()) return std::nullopt;
  return std::next(map.begin(), static_cast<int64_t>(Draw(map.size())))->first;
}

}  // namespace firstguess
