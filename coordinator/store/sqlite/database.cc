#include "coordinator/store/sqlite/database.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/error.h"

namespace firstguess::sqlite {
namespace {

constexpr int kBusyTimeoutMs = 5000;

int OpenFlags(Database::Mode mode) {
  constexpr int kAlways = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (mode) {
    case Database::Mode::kReadOnly:
      return kAlways | SQLITE_OPEN_READONLY;
    case Database::Mode::kReadWrite:
      return kAlways | SQLITE_OPEN_READWRITE;
    case Database::Mode::kCreate:
      return kAlways | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  }
  return kAlways;
}

bool IsEmptyOrMissing(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) != 0 || info.st_size == 0;
}

// A reader of a file in WAL mode must be able to make the log's index beside it. Where it can't,
// and the log holds nothing, nobody else can be writing: the file alone is everything.
bool MustBeReadAsItIs(const std::string& path) {
  const std::string::size_type slash = path.rfind('/');
  const std::string folder =
      slash == std::string::npos ? "." : path.substr(0, slash == 0 ? 1 : slash);
  return faccessat(AT_FDCWD, folder.c_str(), W_OK, AT_EACCESS) != 0 &&
         IsEmptyOrMissing(path + "-wal");
}

std::string ImmutableUri(const std::string& path) {
  std::string escaped;
  for (const char c : path) {
    const bool plain = absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '/' || c == '.' ||
                       c == '-' || c == '_';
    if (plain) {
      escaped.push_back(c);
    } else {
      absl::StrAppend(&escaped, "%", absl::BytesToHexString({&c, 1}));
    }
  }
  return absl::StrCat("file:", escaped, "?immutable=1");
}

absl::Status Harden(sqlite3* database) {
  int code = sqlite3_busy_timeout(database, kBusyTimeoutMs);
  for (const auto& [option, value] :
       {std::pair(SQLITE_DBCONFIG_DEFENSIVE, 1), std::pair(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0),
        std::pair(SQLITE_DBCONFIG_ENABLE_FKEY, 1),
        std::pair(SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0)}) {
    int now = -1;
    if (code == SQLITE_OK) code = sqlite3_db_config(database, option, value, &now);
    if (code == SQLITE_OK && now != value) code = SQLITE_ERROR;
  }
  if (code != SQLITE_OK) return MakeError(database, code, "hardening the connection");
  return absl::OkStatus();
}

absl::StatusOr<sqlite3*> OpenHandle(const std::string& shown_path, const std::string& name,
                                    int flags, const std::string& vfs) {
  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(name.c_str(), &handle, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (handle == nullptr) return absl::ResourceExhaustedError("out of memory");
  absl::Status status;
  if (code != SQLITE_OK) status = MakeError(handle, code, absl::StrCat("opening ", shown_path));
  if (status.ok()) status = Harden(handle);
  if (status.ok()) return handle;
  sqlite3_close_v2(handle);
  return status;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, Mode mode,
                                                         const std::string& vfs) {
  absl::StatusOr<sqlite3*> handle = OpenHandle(path, path, OpenFlags(mode), vfs);
  if (!handle.ok()) return handle.status();
  return std::unique_ptr<Database>(new Database(path, *handle));
}

absl::StatusOr<std::unique_ptr<Database>> Database::OpenReadOnly(const std::string& path) {
  struct stat info = {};
  if (stat(path.c_str(), &info) != 0 && (errno == ENOENT || errno == ENOTDIR)) {
    return absl::NotFoundError(absl::StrCat("there is no file ", path));
  }
  const bool as_it_is = MustBeReadAsItIs(path);
  const int flags = OpenFlags(Mode::kReadOnly) | (as_it_is ? SQLITE_OPEN_URI : 0);
  absl::StatusOr<sqlite3*> handle =
      OpenHandle(path, as_it_is ? ImmutableUri(path) : path, flags, "");
  if (!handle.ok()) return handle.status();
  std::unique_ptr<Database> database(new Database(path, *handle));
  // The file is looked at only now.
  if (absl::StatusOr<int64_t> version = database->QueryInteger("PRAGMA schema_version");
      !version.ok()) {
    return version.status();
  }
  return database;
}

Database::~Database() { sqlite3_close_v2(database_); }

absl::StatusOr<Statement> Database::Prepare(absl::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, &rest);
  if (code != SQLITE_OK) return MakeError(database_, code, path_);
  if (statement == nullptr) return absl::InvalidArgumentError("there is no statement");
  return Statement(statement);
}

absl::Status Database::Execute(const std::string& sql) {
  const int code = sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return MakeError(database_, code, path_);
  return absl::OkStatus();
}

absl::Status Database::AllowSchemaEdits(bool allow) {
  const int code = sqlite3_db_config(database_, SQLITE_DBCONFIG_DEFENSIVE, allow ? 0 : 1, nullptr);
  if (code != SQLITE_OK) return MakeError(database_, code, path_);
  return absl::OkStatus();
}

absl::StatusOr<std::string> Database::Pragma(absl::string_view name) {
  absl::StatusOr<Statement> statement = Prepare(absl::StrCat("PRAGMA ", name));
  if (!statement.ok()) return statement.status();
  const absl::StatusOr<bool> row = statement->Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError(absl::StrCat("PRAGMA ", name, " has no answer"));
  return statement->Text(0);
}

absl::Status Database::SetPragma(absl::string_view name, absl::string_view value) {
  FG_SQLITE_TRY(Execute(absl::StrCat("PRAGMA ", name, " = ", value)));
  const absl::StatusOr<std::string> now = Pragma(name);
  if (!now.ok()) return now.status();
  if (*now != value) {
    return absl::FailedPreconditionError(
        absl::StrCat(path_, ": SQLite keeps ", name, " at ", *now, " instead of ", value));
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Database::QueryInteger(absl::string_view sql) {
  absl::StatusOr<Statement> statement = Prepare(sql);
  if (!statement.ok()) return statement.status();
  const absl::StatusOr<bool> row = statement->Step();
  if (!row.ok()) return row.status();
  if (!*row) return absl::NotFoundError(absl::StrCat("no row: ", sql));
  return statement->Integer(0);
}

void Database::TakeOverCheckpoints() {
  sqlite3_wal_hook(
      database_,
      [](void* pages, sqlite3*, const char*, int now) {
        *static_cast<int64_t*>(pages) = now;
        return SQLITE_OK;
      },
      &log_pages_);
}

absl::StatusOr<bool> Database::Checkpoint() {
  int pages = 0;
  int copied = 0;
  const int code =
      sqlite3_wal_checkpoint_v2(database_, nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
  if ((code & 0xff) == SQLITE_BUSY) return false;
  if (code != SQLITE_OK) return MakeError(database_, code, absl::StrCat("checkpoint of ", path_));
  return copied == pages;
}

}  // namespace firstguess::sqlite
