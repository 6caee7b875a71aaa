#include "coordinator/store/store.h"

#include <utility>

#include "coordinator/store/database_file.h"
#include "coordinator/store/lock_file.h"
#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/store_reader.h"
#include "coordinator/store/write_executor.h"
#include "coordinator/store/write_thread.h"

namespace firstguess {
namespace {

class SqliteStore final : public Store {
 public:
  SqliteStore(std::unique_ptr<LockFile> lock, std::unique_ptr<StoreReader> reader,
              std::unique_ptr<WriteThread> writer)
      : lock_(std::move(lock)), reader_(std::move(reader)), writer_(std::move(writer)) {}
  // The writer's connection is the last to go: it then tidies up the log.
  ~SqliteStore() override { reader_.reset(); }

  absl::StatusOr<OpenWork> LoadOpenWork() override { return reader_->LoadOpenWork(); }
  void Submit(Write write, Done done) override {
    writer_->Submit(std::move(write), std::move(done));
  }
  void Flush() override { writer_->Flush(); }
  absl::StatusOr<int64_t> CountKnownTrials(const std::vector<std::string>& keys) override {
    return reader_->CountKnownTrials(keys);
  }
  absl::StatusOr<std::vector<FailureGroup>> Failures(SweepId sweep_id) override {
    return reader_->Failures(sweep_id);
  }
  absl::StatusOr<std::string> SpecText(SweepId sweep_id) override {
    return reader_->SpecText(sweep_id);
  }
  Health GetHealth() override { return writer_->GetHealth(); }

 private:
  std::unique_ptr<LockFile> lock_;  // let go last
  std::unique_ptr<StoreReader> reader_;
  std::unique_ptr<WriteThread> writer_;
};

// The parts hold connections: all are closed when this returns an error.
absl::StatusOr<std::unique_ptr<Store>> OpenParts(const std::string& path, Store::Options options,
                                                 std::unique_ptr<LockFile>* lock) {
  absl::StatusOr<std::unique_ptr<sqlite::Database>> database = OpenDatabaseFile(path, options.vfs);
  if (!database.ok()) return database.status();
  absl::StatusOr<std::unique_ptr<WriteExecutor>> executor = WriteExecutor::Create(database->get());
  if (!executor.ok()) return executor.status();
  const absl::StatusOr<int64_t> last_batch = (*executor)->LastBatch();
  if (!last_batch.ok()) return last_batch.status();
  absl::StatusOr<std::unique_ptr<StoreReader>> reader = StoreReader::Open(path, options.vfs);
  if (!reader.ok()) return reader.status();
  auto writer = std::make_unique<WriteThread>(path, std::move(options), *std::move(database),
                                              *std::move(executor), *last_batch);
  return std::make_unique<SqliteStore>(std::move(*lock), *std::move(reader), std::move(writer));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(Options options) {
  const absl::StatusOr<std::string> path = ResolveDatabasePath(options.path);
  if (!path.ok()) return path.status();
  absl::StatusOr<std::unique_ptr<LockFile>> lock = LockFile::Take(*path);
  if (!lock.ok()) return lock.status();
  const FileBefore before(*path);
  absl::StatusOr<std::unique_ptr<Store>> store = OpenParts(*path, std::move(options), &*lock);
  if (!store.ok()) return before.Restore(store.status());
  return store;
}

}  // namespace firstguess
