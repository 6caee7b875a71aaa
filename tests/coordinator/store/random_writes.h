#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "coordinator/state/writes.h"
#include "tests/coordinator/state/model_store.h"

namespace firstguess {

// Draws one legal write after the other from a seed: sweeps that share trials, packs, results,
// failures, splits, cancellations, retries, new revisions. The model store follows, and says what
// comes next.
class RandomWrites {
 public:
  explicit RandomWrites(uint64_t seed) : random_(seed) {}

  // The next write, and what the model made of it.
  std::pair<Write, WriteResult> Next();

  const ModelStore& model() const { return model_; }

 private:
  uint64_t Draw(uint64_t below) { return random_() % below; }
  bool Chance(uint64_t percent) { return Draw(100) < percent; }
  absl::Time Now();
  LeaseRecord NextLease();

  // A write of this kind, if one is possible now.
  std::optional<Write> DrawKind(size_t kind);
  std::optional<Write> DrawSweep();
  std::optional<Write> DrawExtend();
  std::optional<Write> DrawState();
  std::optional<Write> DrawOpenPack();
  std::optional<Write> DrawLeasePack();
  std::optional<Write> DrawResult();
  std::optional<Write> DrawEndAttempt();
  std::optional<Write> DrawEndLease();
  std::optional<Write> DrawSplit();
  std::optional<Write> DrawCancel();
  std::optional<Write> DrawRetry();

  bool HasOpenLease(PackId pack_id) const;
  bool IsWanted(TrialId trial_id) const;
  // Pending trials of a random pack that nobody has.
  std::pair<PackId, std::vector<TrialId>> DrawFreePack();
  template <typename Map>
  std::optional<typename Map::key_type> DrawKey(const Map& map);

  std::mt19937_64 random_;
  ModelStore model_;
  std::map<SweepId, uint64_t> cursors_;  // raw position of the next cell
  PackId last_pack_ = 0;
  LeaseId last_lease_ = 0;
  int64_t now_ = 0;
};

}  // namespace firstguess
