#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "coordinator/store/sqlite/statement.h"

namespace firstguess::sqlite {

// A connection to an SQLite file, hardened: defensive mode, untrusted schema, no extensions,
// foreign keys enforced, 5 s of patience with other connections' locks. Knows no schema.
//
// Errors are statuses whose kind ClassOf (error.h) tells; messages begin with the path or the
// statement. Thread-compatible: one thread at a time.
class Database {
 public:
  enum class Mode { kReadOnly, kReadWrite, kCreate };

  // `vfs` by name; empty: the default one.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path, Mode mode,
                                                        const std::string& vfs = "");

  // For readers of a file that somebody else may write at the same time. Leaves no trace: a file
  // in a folder that can't be written is read as it is. NotFound: no such file.
  static absl::StatusOr<std::unique_ptr<Database>> OpenReadOnly(const std::string& path);

  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Compiles one statement, to be kept.
  absl::StatusOr<Statement> Prepare(absl::string_view sql);

  // Runs a script: any number of statements whose rows nobody wants.
  absl::Status Execute(const std::string& sql);

  // Whether statements may change the text of the schema (SQLITE_DBCONFIG_DEFENSIVE off), which a
  // new connection may not.
  absl::Status AllowSchemaEdits(bool allow);

  // The answer of a PRAGMA, as text.
  absl::StatusOr<std::string> Pragma(absl::string_view name);

  // Sets a PRAGMA and asks what it is then; FailedPrecondition if not `value`.
  absl::Status SetPragma(absl::string_view name, absl::string_view value);

  // The first column of a query's only row. NotFound if there is none.
  absl::StatusOr<int64_t> QueryInteger(absl::string_view sql);

  // From now on the write-ahead log goes back into the file when Checkpoint is called, and only
  // then.
  void TakeOverCheckpoints();
  // Pages that are in the log since this connection's latest commit. REQUIRES: TakeOverCheckpoints.
  int64_t log_pages() const { return log_pages_; }
  // Copies into the file what no reader needs in the log, and waits for nobody. True if that is
  // all of it, so that the log can be used from its beginning again.
  absl::StatusOr<bool> Checkpoint();

  // Rows changed by the latest INSERT, UPDATE or DELETE.
  int64_t changes() const { return sqlite3_changes64(database_); }
  int64_t last_insert_rowid() const { return sqlite3_last_insert_rowid(database_); }
  bool in_transaction() const { return sqlite3_get_autocommit(database_) == 0; }

  const std::string& path() const { return path_; }
  sqlite3* handle() const { return database_; }

 private:
  Database(std::string path, sqlite3* database) : path_(std::move(path)), database_(database) {}

  const std::string path_;
  sqlite3* const database_;
  int64_t log_pages_ = 0;
};

}  // namespace firstguess::sqlite
