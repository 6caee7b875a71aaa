#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "common/clock.h"
#include "coordinator/store/store.h"

namespace firstguess {

// Trials that differ in their seed.
TrialConfig ConfigOf(int64_t seed);

// A trajectory whose numbers are all different and follow from `salt`: steps 0, 1, …
std::shared_ptr<const Trajectory> TrajectoryOf(int64_t salt, int64_t snapshots = 2,
                                               int64_t classes = 3);

// `trajectory` with every measured group in every snapshot, of numbers that grow by an eighth from
// 100.
std::shared_ptr<const Trajectory> WithGroups(const Trajectory& trajectory);

// Seconds into the test's wall-clock time.
absl::Time At(int64_t seconds);
double SecondsAt(int64_t seconds);  // as the database has it

LeaseRecord LeaseOf(LeaseId lease_id, int64_t granted_at = 0);

InsertSweep SweepOf(SweepId sweep_id, int64_t cells);

// A pack of the sweep's plan with one cell per seed; cell numbers are the seeds. The lease has the
// pack's number.
OpenPack PackOf(PackId pack_id, SweepId sweep_id, const std::vector<int64_t>& seeds);

StoreResult ResultOf(TrialId trial_id, LeaseId lease_id, int64_t at = 0);

// A store on a file of its own, with simulated time.
class TestStore {
 public:
  explicit TestStore(const std::string& path, const std::string& vfs = "");

  // Submits and waits for the commit.
  WriteResult Do(Write write);
  // As Do, many at once.
  std::vector<WriteResult> DoAll(std::vector<Write> writes);

  // Closes and opens again.
  void Reopen();
  void Close() { store_.reset(); }

  Store& store() { return *store_; }
  SimulatedClock& clock() { return clock_; }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  const std::string vfs_;
  SimulatedClock clock_;
  std::unique_ptr<Store> store_;
};

// The rows of a query on a file, on a connection of its own: columns joined by "|", as the
// `sqlite3` program prints them, NULL as "NULL".
std::vector<std::string> Rows(const std::string& path, const std::string& sql);
// The only row.
std::string Row(const std::string& path, const std::string& sql);

// What must hold in a file between any two transactions; the first violation, or empty.
std::string Violation(const std::string& path);

}  // namespace firstguess
