#include "tools/bench/store_insert.h"

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

#include "common/mutex.h"
#include "coordinator/store/store.h"
#include "tools/bench/bench_trials.h"

namespace firstguess {
namespace {

constexpr SweepId kSweep = 1;

class Driver {
 public:
  Driver(Store* store, int64_t trials, int64_t pack_size,
         std::shared_ptr<const Trajectory> trajectory)
      : store_(store), trials_(trials), pack_size_(pack_size), trajectory_(std::move(trajectory)) {}

  void Run(int64_t packs_in_flight) {
    for (int64_t i = 0; i < packs_in_flight; ++i) OpenNext();
    MutexLock lock(&mutex_);
    while (stored_ < trials_) changed_.Wait(&mutex_);
  }

 private:
  void OpenNext() {
    OpenPack open;
    {
      MutexLock lock(&mutex_);
      if (planned_ >= trials_) return;
      open.pack_id = ++packs_;
      open.sweep_id = kSweep;
      open.plan_index = static_cast<uint64_t>(planned_);
      for (int64_t slot = 0; slot < pack_size_ && planned_ < trials_; ++slot, ++planned_) {
        open.cells.push_back({.cell = static_cast<uint64_t>(planned_),
                              .slot = slot,
                              .config = BenchConfig(planned_)});
      }
    }
    open.lease = {.lease_id = open.pack_id,
                  .worker = "w",
                  .instance_id = "i",
                  .granted_at = absl::FromUnixSeconds(1'700'000'000)};
    const LeaseId lease = open.lease.lease_id;
    store_->Submit(std::move(open),
                   [this, lease](const WriteResult& result) { Opened(lease, result); });
  }

  void Opened(LeaseId lease, const WriteResult& result) {
    for (const StoredTrial& member : result.members) {
      store_->Submit(StoreResult{.trial_id = member.trial_id,
                                 .lease_id = lease,
                                 .worker = "w",
                                 .finished_at = absl::FromUnixSeconds(1'700'000'000),
                                 .trajectory = trajectory_},
                     [](const WriteResult&) {});
    }
    store_->Submit(EndLease{.lease_id = lease,
                            .outcome = "finished",
                            .message = "",
                            .at = absl::FromUnixSeconds(1'700'000'000)},
                   [this, stored = static_cast<int64_t>(result.members.size())](
                       const WriteResult&) { Ended(stored); });
  }

  void Ended(int64_t stored) {
    OpenNext();
    MutexLock lock(&mutex_);
    stored_ += stored;
    changed_.NotifyAll();
  }

  Store* const store_;
  const int64_t trials_;
  const int64_t pack_size_;
  const std::shared_ptr<const Trajectory> trajectory_;
  Mutex mutex_;
  CondVar changed_;
  int64_t planned_ GUARDED_BY(mutex_) = 0;
  int64_t packs_ GUARDED_BY(mutex_) = 0;
  int64_t stored_ GUARDED_BY(mutex_) = 0;
};

}  // namespace

void InsertThroughStore(const std::string& path, int64_t trials, int64_t pack_size,
                        int64_t packs_in_flight, std::shared_ptr<const Trajectory> trajectory) {
  Store::Options options;
  options.path = path;
  options.clock = RealClock();
  options.on_fatal = [](const absl::Status& status) {
    std::fprintf(stderr, "store: %s\n", status.ToString().c_str());
    std::_Exit(1);
  };
  const absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(std::move(options));
  if (!store.ok()) {
    std::fprintf(stderr, "store: %s\n", store.status().ToString().c_str());
    std::exit(1);
  }
  (*store)->Submit(InsertSweep{.sweep_id = kSweep,
                               .name = "bench",
                               .spec = "",
                               .canonical = "",
                               .priority = 0,
                               .cells = trials,
                               .at = absl::FromUnixSeconds(1'700'000'000)},
                   [](const WriteResult&) {});
  Driver driver(store->get(), trials, pack_size, std::move(trajectory));
  driver.Run(packs_in_flight);
  (*store)->Flush();
}

}  // namespace firstguess
