#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "common/mutex.h"
#include "coordinator/store/store.h"
#include "tests/coordinator/state/model_store.h"

namespace firstguess {

// A store without a disk whose commits happen when the test says so. Thread-safe.
class ManualStore final : public Store {
 public:
  absl::StatusOr<OpenWork> LoadOpenWork() override EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    return model_.LoadOpenWork();
  }

  void Submit(Write write, Done done) override EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    queued_.emplace_back(std::move(write), std::move(done));
  }

  // Commits what is queued now, in order. Returns how many writes that were.
  int Commit() EXCLUDES(mutex_) {
    std::deque<std::pair<Write, Done>> writes;
    std::vector<WriteResult> results;
    {
      MutexLock lock(&mutex_);
      writes.swap(queued_);
      for (const auto& [write, done] : writes) results.push_back(model_.Execute(write));
    }
    for (size_t i = 0; i < writes.size(); ++i) writes[i].second(std::move(results[i]));
    return static_cast<int>(writes.size());
  }

  void Flush() override { Commit(); }
  absl::StatusOr<int64_t> CountKnownTrials(const std::vector<std::string>& keys) override
      EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    int64_t known = 0;
    for (const auto& [id, trial] : model_.trials()) {
      for (const std::string& key : keys) known += TrialKey(trial.config) == key ? 1 : 0;
    }
    return known;
  }
  absl::StatusOr<std::vector<FailureGroup>> Failures(SweepId) override {
    return std::vector<FailureGroup>();
  }
  absl::StatusOr<std::string> SpecText(SweepId sweep_id) override EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    return model_.sweeps().at(sweep_id).revisions.back().spec;
  }
  Health GetHealth() override EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    Health health;
    health.queued_writes = static_cast<int64_t>(queued_.size());
    return health;
  }

 private:
  Mutex mutex_;
  ModelStore model_ GUARDED_BY(mutex_);
  std::deque<std::pair<Write, Done>> queued_ GUARDED_BY(mutex_);
};

}  // namespace firstguess
