#include "coordinator/store/store_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/store/open_work.h"
#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/sqlite/prepare.h"
#include "coordinator/store/sqlite/time_limit.h"

namespace firstguess {
namespace {

// Of a question, at whose end the log can be used anew.
constexpr absl::Duration kMostTime = absl::Seconds(30);

}  // namespace

absl::StatusOr<std::unique_ptr<StoreReader>> StoreReader::Open(const std::string& path,
                                                               const std::string& vfs) {
  absl::StatusOr<std::unique_ptr<sqlite::Database>> database =
      sqlite::Database::Open(path, sqlite::Database::Mode::kReadOnly, vfs);
  if (!database.ok()) return database.status();
  std::unique_ptr<StoreReader> reader(new StoreReader(*std::move(database)));
  MutexLock lock(&reader->mutex_);
  FG_SQLITE_TRY(sqlite::PrepareAll(
      reader->database_.get(),
      {{&reader->select_key_, "SELECT 1 FROM trial WHERE key = ?"},
       // With max(), SQLite takes the other columns from the row that has it.
       {&reader->select_failures_,
        "SELECT failure_class, substr(text, 1, instr(text, char(10)) - 1) AS first_line, count(*),"
        " coalesce((SELECT worker FROM attempt JOIN lease USING (lease_id)"
        "  WHERE attempt.trial_id = trial.trial_id ORDER BY attempt DESC LIMIT 1), ''),"
        " rtrim(substr(text, instr(text, char(10)) + 1), char(10)), max(finished_at)"
        " FROM (SELECT *, coalesce(failure_message, '') || char(10) AS text"
        "  FROM trial INDEXED BY trial_failed WHERE status = 'failed') AS trial"
        " WHERE EXISTS (SELECT 1 FROM cell WHERE cell.trial_id = trial.trial_id"
        "  AND cell.sweep_id = ? AND cell.dropped_in IS NULL)"
        " GROUP BY failure_class, first_line ORDER BY count(*) DESC, max(finished_at) DESC"},
       {&reader->select_spec_,
        "SELECT spec FROM sweep_revision WHERE sweep_id = ? ORDER BY revision DESC LIMIT 1"}}));
  return reader;
}

absl::StatusOr<OpenWork> StoreReader::LoadOpenWork() {
  MutexLock lock(&mutex_);
  return ReadOpenWork(database_.get());
}

absl::StatusOr<int64_t> StoreReader::CountKnownTrials(const std::vector<std::string>& keys) {
  MutexLock lock(&mutex_);
  const sqlite::TimeLimit limit(database_.get(), kMostTime);
  int64_t known = 0;
  for (const std::string& key : keys) {
    sqlite::Run run(&select_key_, key);
    const absl::StatusOr<bool> row = run.Step();
    if (!row.ok()) return row.status();
    if (*row) ++known;
  }
  return known;
}

absl::StatusOr<std::vector<Store::FailureGroup>> StoreReader::Failures(SweepId sweep_id) {
  MutexLock lock(&mutex_);
  const sqlite::TimeLimit limit(database_.get(), kMostTime);
  std::vector<Store::FailureGroup> groups;
  sqlite::Run run(&select_failures_, sweep_id);
  for (;;) {
    const absl::StatusOr<bool> row = run.Step();
    if (!row.ok()) return row.status();
    if (!*row) return groups;
    groups.push_back({.failure_class = run.row().Text(0),
                      .message = run.row().Text(1),
                      .trials = run.row().Integer(2),
                      .worker = run.row().Text(3),
                      .log_tail = run.row().Text(4)});
  }
}

absl::StatusOr<std::string> StoreReader::SpecText(SweepId sweep_id) {
  MutexLock lock(&mutex_);
  sqlite::Run run(&select_spec_, sweep_id);
  const absl::StatusOr<bool> row = run.Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError(absl::StrCat("there is no sweep ", sweep_id));
  return run.row().Text(0);
}

}  // namespace firstguess
