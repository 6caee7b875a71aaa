#include "coordinator/store/inspection.h"

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include <fstream>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/store/log_readers.h"
#include "coordinator/store/migrations.h"
#include "coordinator/store/network_file_system.h"
#include "coordinator/store/process_locks.h"
#include "coordinator/store/schema.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/sqlite/error.h"

namespace firstguess {
namespace {

constexpr size_t kMostDamage = 20;

// Sweeps whose counters are not what the cells joined to their trials say. Cells without a trial
// count as pending, in a cancelled sweep as cancelled.
constexpr char kWrongCounters[] = R"sql(
  WITH counted AS (
    SELECT s.sweep_id, s.name, s.state, s.cells, s.done, s.failed, s.cancelled, s.leased, s.diverged,
      count(t.trial_id) AS seen,
      total(t.status = 'done') AS done_, total(t.status = 'failed') AS failed_,
      total(t.status = 'cancelled') AS cancelled_, total(t.status = 'leased') AS leased_,
      total(t.diverged_at_step IS NOT NULL) AS diverged_
    FROM sweep s
    LEFT JOIN cell c ON c.sweep_id = s.sweep_id AND c.dropped_in IS NULL
    LEFT JOIN trial t ON t.trial_id = c.trial_id
    GROUP BY s.sweep_id)
  SELECT 'the counters of sweep ' || name || ' are not what its cells say' FROM counted
  WHERE done <> done_ OR failed <> failed_ OR leased <> leased_ OR diverged <> diverged_
    OR cancelled <> cancelled_ + iif(state = 'cancelled', cells - seen, 0) OR seen > cells)sql";

constexpr char kWrongReferences[] =
    "SELECT 'a row of ' || \"table\" || ' refers to no row of ' || parent"
    " FROM pragma_foreign_key_check";

// The latest of what is written often; NULL in a database without any.
constexpr char kNewestTime[] =
    "SELECT max(at) FROM (SELECT max(created_at) AS at FROM sweep"
    " UNION ALL SELECT max(finished_at) FROM sweep"
    " UNION ALL SELECT max(submitted_at) FROM sweep_revision"
    " UNION ALL SELECT granted_at FROM (SELECT granted_at FROM lease ORDER BY lease_id DESC LIMIT "
    "1))";

constexpr char kOpenCells[] =
    "SELECT coalesce(sum(cells - done - failed - cancelled), 0) FROM sweep"
    " WHERE state IN ('running', 'paused')";

int64_t FileBytes(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 ? info.st_size : 0;
}

// Who has `<database>.lock` locked.
std::string HolderOf(const std::string& database_path) {
  const std::string path = database_path + ".lock";
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0) return "";
  const std::vector<int64_t> holders =
      LockHoldersNow({.kind = LockQuery::Kind::kFlock, .inode = info.st_ino});
  // One that was killed leaves its file behind, without a lock.
  if (holders.empty()) return "";
  return ProcessInWords(holders.front());
}

absl::Status Append(sqlite::Database* database, const char* sql, std::vector<std::string>* words) {
  absl::StatusOr<sqlite::Statement> select = database->Prepare(sql);
  if (!select.ok()) return select.status();
  while (words->size() < kMostDamage) {
    const absl::StatusOr<bool> row = select->Step();
    if (!row.ok()) return row.status();
    if (!*row) break;
    if (select->TextView(0) != "ok") words->push_back(select->Text(0));
  }
  return absl::OkStatus();
}

absl::Status CheckOwner(sqlite::Database* database, Inspection* found) {
  const absl::StatusOr<int64_t> id = database->QueryInteger("PRAGMA application_id");
  if (!id.ok()) return id.status();
  if (*id != kApplicationId) {
    return absl::FailedPreconditionError(
        absl::StrCat(database->path(), " is a database of another program"));
  }
  const absl::StatusOr<int64_t> version = database->QueryInteger("PRAGMA user_version");
  if (!version.ok()) return version.status();
  found->version = *version;
  found->newest_version = kSchemaVersion;
  if (*version <= kSchemaVersion) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      database->path(), " is of version ", *version, ", this program knows versions up to ",
      kSchemaVersion, ": use the program that wrote it, or a newer one"));
}

absl::Status ReadNumbers(sqlite::Database* database, Inspection* found) {
  const absl::StatusOr<int64_t> open = database->QueryInteger(kOpenCells);
  if (!open.ok()) return open.status();
  found->open_cells = *open;
  const absl::StatusOr<int64_t> done =
      database->QueryInteger("SELECT coalesce(sum(done), 0) FROM sweep");
  if (!done.ok()) return done.status();
  found->done_cells = *done;
  absl::StatusOr<sqlite::Statement> newest = database->Prepare(kNewestTime);
  if (!newest.ok()) return newest.status();
  const absl::StatusOr<bool> row = newest->Step();
  if (!row.ok()) return row.status();
  if (*row && !newest->IsNull(0)) found->newest_time = newest->Real(0);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Inspection> InspectDatabase(const std::string& path, bool thorough) {
  const absl::StatusOr<std::unique_ptr<sqlite::Database>> database =
      sqlite::Database::OpenReadOnly(path);
  if (!database.ok()) return database.status();
  Inspection found;
  FG_SQLITE_TRY(CheckOwner(database->get(), &found));
  FG_SQLITE_TRY(ReadNumbers(database->get(), &found));
  found.bytes = FileBytes(path);
  found.log_bytes = FileBytes(path + "-wal");
  found.log_readers = LogReaders(path);
  found.holder = HolderOf(path);
  struct statfs kind = {};
  if (statfs(path.c_str(), &kind) == 0) {
    found.file_system = std::string(NetworkFileSystemName(static_cast<int64_t>(kind.f_type)));
  }
  struct statvfs disk = {};
  if (statvfs(path.c_str(), &disk) == 0) {
    found.disk_free_bytes = static_cast<int64_t>(disk.f_bavail * disk.f_frsize);
  }
  if (!thorough) return found;
  FG_SQLITE_TRY(Append(database->get(), "PRAGMA integrity_check(20)", &found.damage));
  FG_SQLITE_TRY(Append(database->get(), kWrongReferences, &found.damage));
  FG_SQLITE_TRY(Append(database->get(), kWrongCounters, &found.damage));
  return found;
}

}  // namespace firstguess
