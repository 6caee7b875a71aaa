#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "coordinator/state/writes.h"
#include "coordinator/store/log_keeper.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/store.h"
#include "coordinator/store/write_executor.h"

namespace firstguess {

// The one writer: takes writes from a queue, as many as are there (within bounds) into one
// transaction, and calls their `done` after COMMIT. See Store for what it promises. Thread-safe.
class WriteThread {
 public:
  // `path`: of the file, to open it again. `database` is open for writing.
  WriteThread(std::string path, Store::Options options, std::unique_ptr<sqlite::Database> database,
              std::unique_ptr<WriteExecutor> executor, int64_t last_batch);
  // Commits what is queued; with a full disk it tries that once more.
  ~WriteThread();

  void Submit(Write write, Store::Done done) EXCLUDES(mutex_);
  void Flush() EXCLUDES(mutex_);
  Store::Health GetHealth() EXCLUDES(mutex_);

 private:
  struct Item {
    Write write;
    Store::Done done;
  };
  void Run() EXCLUDES(mutex_);
  // Waits for work; empty: there will be no more.
  std::vector<Item> TakeBatch() EXCLUDES(mutex_);
  // True once the batch is committed; false: given up, or the file failed for good.
  bool CommitBatch(std::vector<Item>* batch) EXCLUDES(mutex_);
  // One transaction. An error leaves `*unknown` true if COMMIT itself failed.
  absl::Status Try(const std::vector<Item>& batch, std::vector<WriteResult>* results,
                   bool* unknown);
  absl::Status Reopen();
  void TellObservers(const std::vector<Item>& batch, const std::vector<WriteResult>& results);
  // A pause before the next try, until a time of the clock. Returns false if there shall be none.
  bool WaitUntil(absl::Duration next_try) EXCLUDES(mutex_);
  void SetDiskFull(bool full);

  const std::string path_;
  const Store::Options options_;

  // The thread's own. Null after a COMMIT of unknown outcome: the file must be read anew.
  std::unique_ptr<sqlite::Database> database_;
  std::unique_ptr<WriteExecutor> executor_;
  int64_t last_batch_ = 0;  // the number of the latest transaction that was committed
  absl::Duration began_;    // the latest transaction, by the machine's clock
  bool disk_full_ = false;
  bool tried_at_the_end_ = false;
  LogKeeper log_keeper_;

  Mutex mutex_;
  CondVar changed_;
  std::deque<Item> queue_ GUARDED_BY(mutex_);
  int64_t submitted_ GUARDED_BY(mutex_) = 0;
  int64_t completed_ GUARDED_BY(mutex_) = 0;
  bool stopping_ GUARDED_BY(mutex_) = false;
  bool ended_ GUARDED_BY(mutex_) = false;  // no more writes are committed

  std::thread thread_;
};

}  // namespace firstguess
