#include "coordinator/store/write_thread.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "coordinator/store/database_file.h"
#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/sqlite/transaction.h"

namespace firstguess {
namespace {

constexpr int64_t kMostResults = 1000;
constexpr int64_t kMostBytes = int64_t{4} << 20;
constexpr absl::Duration kRetryFull = absl::Seconds(5);
// How often a clock that may be simulated is looked at.
constexpr absl::Duration kLookAtClock = absl::Milliseconds(10);

// What a write costs, in results.
int64_t ResultsOf(const Write& write) {
  const auto* open = std::get_if<OpenPack>(&write);
  return open == nullptr ? 1 : std::max<int64_t>(1, static_cast<int64_t>(open->cells.size()));
}

int64_t BytesOf(const Write& write) {
  const auto* store = std::get_if<StoreResult>(&write);
  if (store == nullptr) return 0;
  constexpr size_t kSnapshotBytes = 14 * sizeof(double);
  size_t bytes = 0;
  for (const Snapshot& snapshot : store->trajectory->snapshots) {
    bytes += kSnapshotBytes + VectorBytes(snapshot);
  }
  return static_cast<int64_t>(bytes);
}

}  // namespace

WriteThread::WriteThread(std::string path, Store::Options options,
                         std::unique_ptr<sqlite::Database> database,
                         std::unique_ptr<WriteExecutor> executor, int64_t last_batch)
    : path_(std::move(path)),
      options_(std::move(options)),
      database_(std::move(database)),
      executor_(std::move(executor)),
      last_batch_(last_batch),
      log_keeper_(path_, options_.clock, options_.log_warning_bytes) {
  log_keeper_.Attach(database_.get());
  thread_ = std::thread([this] { Run(); });
}

WriteThread::~WriteThread() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  thread_.join();
}

void WriteThread::Submit(Write write, Store::Done done) {
  MutexLock lock(&mutex_);
  if (ended_) return;
  queue_.push_back({std::move(write), std::move(done)});
  ++submitted_;
  changed_.NotifyAll();
}

void WriteThread::Flush() {
  MutexLock lock(&mutex_);
  const int64_t wanted = submitted_;
  while (completed_ < wanted && !ended_) changed_.Wait(&mutex_);
}

Store::Health WriteThread::GetHealth() {
  Store::Health health = {.log_bytes = log_keeper_.LogBytes(),
                          .since_checkpoint = log_keeper_.SinceCheckpoint()};
  struct stat file = {};
  if (stat(path_.c_str(), &file) == 0) health.database_bytes = file.st_size;
  struct statvfs disk = {};
  if (statvfs(path_.c_str(), &disk) == 0) {
    health.disk_free_bytes = static_cast<int64_t>(disk.f_bavail * disk.f_frsize);
  }
  MutexLock lock(&mutex_);
  health.queued_writes = submitted_ - completed_;
  return health;
}

void WriteThread::Run() {
  for (;;) {
    std::vector<Item> batch = TakeBatch();
    if (batch.empty() || !CommitBatch(&batch)) break;
    MutexLock lock(&mutex_);
    completed_ += static_cast<int64_t>(batch.size());
    changed_.NotifyAll();
  }
  MutexLock lock(&mutex_);
  ended_ = true;
  queue_.clear();
  changed_.NotifyAll();
}

std::vector<WriteThread::Item> WriteThread::TakeBatch() {
  MutexLock lock(&mutex_);
  while (queue_.empty() && !stopping_) changed_.Wait(&mutex_);
  std::vector<Item> batch;
  int64_t results = 0;
  int64_t bytes = 0;
  while (!queue_.empty()) {
    results += ResultsOf(queue_.front().write);
    bytes += BytesOf(queue_.front().write);
    if (!batch.empty() && (results > kMostResults || bytes > kMostBytes)) break;
    batch.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return batch;
}

bool WriteThread::CommitBatch(std::vector<Item>* batch) {
  std::vector<WriteResult> results;
  bool unknown = false;
  for (;;) {
    absl::Status status = database_ == nullptr ? Reopen() : absl::OkStatus();
    bool committed = false;
    if (status.ok() && unknown) {
      const absl::StatusOr<int64_t> last = executor_->LastBatch();
      status = last.status();
      committed = last.ok() && *last == last_batch_ + 1;
    }
    if (status.ok() && !committed) status = Try(*batch, &results, &unknown);
    if (status.ok()) break;
    if (unknown) {
      executor_.reset();
      database_.reset();
    }
    const absl::Duration failed_at = options_.clock->MonotonicNow();
    switch (sqlite::ClassOf(status)) {
      case sqlite::ErrorClass::kFull:
        Log(LogLevel::kError, "no room on the disk",
            {{"database", path_}, {"error", status.message()}});
        if (!disk_full_) SetDiskFull(true);
        if (!WaitUntil(failed_at + kRetryFull)) return false;
        break;
      case sqlite::ErrorClass::kBusy:
        // The wrapper has waited already.
        Log(LogLevel::kWarning, "another program keeps the database locked",
            {{"database", path_}, {"error", status.message()}});
        break;
      default:
        options_.on_fatal(sqlite::WithMessage(
            status, absl::StrCat("the database ", path_, " failed: ", status.message())));
        return false;
    }
  }
  ++last_batch_;
  if (disk_full_) SetDiskFull(false);
  TellObservers(*batch, results);
  for (size_t i = 0; i < batch->size(); ++i) {
    if ((*batch)[i].done) (*batch)[i].done(std::move(results[i]));
  }
  log_keeper_.AfterCommit(database_.get());
  return true;
}

absl::Status WriteThread::Try(const std::vector<Item>& batch, std::vector<WriteResult>* results,
                              bool* unknown) {
  *unknown = false;
  results->assign(batch.size(), {});
  executor_->Clear();
  began_ = RealClock()->MonotonicNow();
  sqlite::Transaction transaction(database_.get());
  FG_SQLITE_TRY(transaction.Begin());
  for (size_t i = 0; i < batch.size(); ++i) {
    FG_SQLITE_TRY(executor_->Execute(batch[i].write, &(*results)[i]));
  }
  FG_SQLITE_TRY(executor_->Finish(last_batch_ + 1));
  *unknown = true;
  FG_SQLITE_TRY(transaction.Commit());
  *unknown = false;
  return absl::OkStatus();
}

absl::Status WriteThread::Reopen() {
  absl::StatusOr<std::unique_ptr<sqlite::Database>> database =
      ReopenDatabaseFile(path_, options_.vfs);
  if (!database.ok()) return database.status();
  absl::StatusOr<std::unique_ptr<WriteExecutor>> executor = WriteExecutor::Create(database->get());
  if (!executor.ok()) return executor.status();
  executor_ = *std::move(executor);
  database_ = *std::move(database);
  log_keeper_.Attach(database_.get());
  return absl::OkStatus();
}

void WriteThread::TellObservers(const std::vector<Item>& batch,
                                const std::vector<WriteResult>& results) {
  StoreObserver::Commit commit = {.time = RealClock()->MonotonicNow() - began_};
  for (const Item& item : batch) {
    if (std::holds_alternative<StoreResult>(item.write)) ++commit.results;
  }
  for (StoreObserver* observer : options_.observers) {
    for (size_t i = 0; i < batch.size(); ++i) observer->OnWrite(batch[i].write, results[i]);
    observer->OnCommit(commit);
  }
}

bool WriteThread::WaitUntil(absl::Duration next_try) {
  MutexLock lock(&mutex_);
  while (!stopping_ && options_.clock->MonotonicNow() < next_try) {
    changed_.WaitFor(&mutex_, kLookAtClock);
  }
  // Nobody was told that these writes are safe: they may be lost when the process has to end.
  return !(stopping_ && std::exchange(tried_at_the_end_, true));
}

void WriteThread::SetDiskFull(bool full) {
  disk_full_ = full;
  options_.on_disk_full(full);
}

}  // namespace firstguess
