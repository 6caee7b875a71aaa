#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "coordinator/state/writes.h"
#include "coordinator/store/store_observer.h"

namespace firstguess {

// The database: one SQLite file, one writer thread, group commit.
//
// Writes are queued and run in order; while one transaction commits, the queue grows, and the next
// takes what is there (at most 1,000 results or 4 MiB of them). `done` is called on the writer
// thread, after COMMIT, in the order of the writes; it must not block. A full disk rolls back,
// reports OnDiskFull, and tries the same writes again every 5 s: nothing is lost, nothing is
// answered until there is room. Any other failure of the file (I/O error, corruption) is final:
// OnFatal is called once, no `done` is called any more, and the process should stop.
//
// Thread-safe.
class Store {
 public:
  using Done = std::function<void(WriteResult)>;

  struct Options {
    std::string path;
    Clock* clock = nullptr;  // outlives the store
    // The VFS by name; empty: SQLite's default. For fault tests.
    std::string vfs;
    std::function<void(bool full)> on_disk_full = [](bool) {};
    std::function<void(absl::Status)> on_fatal = [](absl::Status) {};
    // Outlive the store.
    std::vector<StoreObserver*> observers = {};
    // A write-ahead log above this that readers hold is complained of.
    int64_t log_warning_bytes = int64_t{1} << 30;
  };

  // Creates the file or opens it: takes the lock file beside it, checks application_id and
  // user_version, migrates older versions forward. Errors, in words to act on and with nothing
  // changed: FailedPrecondition (another program's database, a newer version, a network file
  // system), Unavailable (locked by another process, named), PermissionDenied (read-only folder or
  // file), ResourceExhausted (disk full), DataLoss (not a database, corrupt).
  static absl::StatusOr<std::unique_ptr<Store>> Open(Options options);

  // Waits until everything queued is committed. With a full disk that is tried once more; what then
  // remains was answered to nobody, and is lost.
  virtual ~Store() = default;

  // What was open when the file was last written. To be called before the first Submit.
  virtual absl::StatusOr<OpenWork> LoadOpenWork() = 0;

  virtual void Submit(Write write, Done done) = 0;

  // Blocks until everything submitted before is committed.
  virtual void Flush() = 0;

  // How many of these keys are trials already. Reads on a connection of its own.
  virtual absl::StatusOr<int64_t> CountKnownTrials(const std::vector<std::string>& keys) = 0;

  // Failed trials of a sweep, grouped by class and first line of the message, most first.
  struct FailureGroup {
    std::string failure_class;
    std::string message;
    int64_t trials = 0;
    // Of the latest: its worker, and what follows the first line, the end of a trainer's log.
    std::string worker;
    std::string log_tail;
  };
  virtual absl::StatusOr<std::vector<FailureGroup>> Failures(SweepId sweep_id) = 0;

  // The submitted text of a sweep's latest revision.
  virtual absl::StatusOr<std::string> SpecText(SweepId sweep_id) = 0;

  // How it is now. Waits neither for the disk nor for the writer.
  struct Health {
    int64_t queued_writes = 0;  // submitted, not committed
    int64_t database_bytes = 0;
    int64_t log_bytes = 0;            // SQLite's write-ahead log
    absl::Duration since_checkpoint;  // that copied the whole log into the database
    int64_t disk_free_bytes = 0;      // for this user, where the database is
  };
  virtual Health GetHealth() = 0;
};

}  // namespace firstguess
