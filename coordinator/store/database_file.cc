#include "coordinator/store/database_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/store/migrations.h"
#include "coordinator/store/network_file_system.h"
#include "coordinator/store/schema.h"
#include "coordinator/store/sqlite/error.h"

namespace firstguess {
namespace {

using sqlite::Database;

// The log is cut back to this once readers let it be reused.
constexpr int64_t kLogBytesKept = int64_t{64} << 20;
constexpr int64_t kCacheKib = 32 << 10;

// SQLite's file header.
constexpr size_t kHeaderBytes = 100;
constexpr absl::string_view kMagic("SQLite format 3\0", 16);
constexpr size_t kUserVersionOffset = 60;
constexpr size_t kApplicationIdOffset = 68;

std::pair<std::string, std::string> SplitPath(const std::string& path) {
  const std::string::size_type slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {path.substr(0, slash == 0 ? 1 : slash), path.substr(slash + 1)};
}

absl::StatusOr<std::string> RealPath(const std::string& path) {
  std::array<char, PATH_MAX> real = {};
  if (realpath(path.c_str(), real.data()) == nullptr) {
    if (errno == ENOENT) return absl::NotFoundError(absl::StrCat("there is no folder ", path));
    return absl::ErrnoToStatus(errno, path);
  }
  return std::string(real.data());
}

absl::Status CheckWritable(const std::string& path, absl::string_view what, int mode) {
  if (faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0) return absl::OkStatus();
  if (errno == EACCES || errno == EPERM || errno == EROFS) {
    return absl::PermissionDeniedError(absl::StrCat(
        what, " ", path,
        errno == EROFS ? " is on a read-only file system" : " can't be written by this user"));
  }
  return absl::ErrnoToStatus(errno, path);
}

uint32_t BigEndian(const std::array<char, kHeaderBytes>& header, size_t offset) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    value = value << 8 | static_cast<unsigned char>(header[offset + i]);
  }
  return value;
}

int64_t SizeOf(const std::string& path) {
  struct stat info = {};
  return stat(path.c_str(), &info) == 0 ? info.st_size : -1;
}

absl::Status NotOurs(const std::string& path, absl::string_view what) {
  return absl::FailedPreconditionError(
      absl::StrCat(path, " is ", what, ", not of firstguess: choose another file"));
}

absl::Status NotADatabase(const std::string& path) {
  return absl::DataLossError(absl::StrCat(path, " is not a database: choose another file"));
}

// Looks at the file without SQLite, which might change something by opening it.
absl::Status CheckHeader(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, path);
  std::array<char, kHeaderBytes> header = {};
  const ssize_t size = pread(descriptor, header.data(), header.size(), 0);
  close(descriptor);
  if (size < 0) return absl::ErrnoToStatus(errno, path);
  const bool is_sqlite = size == static_cast<ssize_t>(kHeaderBytes) &&
                         absl::StartsWith({header.data(), header.size()}, kMagic);
  if (!is_sqlite) {
    // A process that died while it created the file left a journal, from which SQLite undoes that.
    return SizeOf(path + "-journal") > 0 ? absl::OkStatus() : NotADatabase(path);
  }
  if (BigEndian(header, kApplicationIdOffset) != kApplicationId) {
    return NotOurs(path, "a database of another program");
  }
  const uint32_t version = BigEndian(header, kUserVersionOffset);
  if (version > kSchemaVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is of version ", version, ", this program knows versions up to ",
                     kSchemaVersion, ": use the program that wrote it, or a newer one"));
  }
  return absl::OkStatus();
}

// In words about the database file.
absl::Status Explain(const std::string& path, const absl::Status& status) {
  switch (sqlite::ClassOf(status)) {
    case sqlite::ErrorClass::kFull:
      return sqlite::WithMessage(
          status, absl::StrCat("no room on the disk for ", path, ": ", status.message()));
    case sqlite::ErrorClass::kCorrupt:
      return sqlite::WithMessage(
          status, absl::StrCat(path,
                               " is damaged or not a database (restore a copy, or choose another"
                               " file): ",
                               status.message()));
    case sqlite::ErrorClass::kBusy:
      return sqlite::WithMessage(
          status, absl::StrCat(path, " is in use by another program: ", status.message()));
    case sqlite::ErrorClass::kIo:
      return sqlite::WithMessage(
          status, absl::StrCat("reading or writing ", path,
                               " failed (check the disk, and start again: what was acknowledged is"
                               " there): ",
                               status.message()));
    default:
      return status;
  }
}

absl::Status Prepare(Database* database) {
  const absl::StatusOr<int64_t> id = database->QueryInteger("PRAGMA application_id");
  if (!id.ok()) return id.status();
  const absl::StatusOr<int64_t> objects =
      database->QueryInteger("SELECT count(*) FROM sqlite_schema");
  if (!objects.ok()) return objects.status();
  if (*objects > 0 && *id != kApplicationId) {
    return NotOurs(database->path(), "a database of another program");
  }
  // Before WAL mode: the file's own first page then says whose it is, whatever happens.
  FG_SQLITE_TRY(Migrate(database));
  FG_SQLITE_TRY(database->SetPragma("journal_mode", "wal"));
  FG_SQLITE_TRY(database->SetPragma("synchronous", "2"));  // FULL
  FG_SQLITE_TRY(database->SetPragma("journal_size_limit", absl::StrCat(kLogBytesKept)));
  FG_SQLITE_TRY(database->SetPragma("cache_size", absl::StrCat(-kCacheKib)));
  FG_SQLITE_TRY(database->SetPragma("temp_store", "2"));  // MEMORY
  return database->SetPragma("secure_delete", "0");
}

absl::StatusOr<std::unique_ptr<Database>> OpenAndPrepare(const std::string& path,
                                                         Database::Mode mode,
                                                         const std::string& vfs) {
  absl::StatusOr<std::unique_ptr<Database>> database = Database::Open(path, mode, vfs);
  if (!database.ok()) return database.status();
  FG_SQLITE_TRY(Prepare(database->get()));
  return database;
}

}  // namespace

absl::StatusOr<std::string> ResolveDatabasePath(const std::string& path) {
  if (SplitPath(path).second.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("`", path, "` names no file"));
  }
  struct stat info = {};
  const bool exists = stat(path.c_str(), &info) == 0;
  if (exists && !S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " is not a file"));
  }
  absl::StatusOr<std::string> real = RealPath(exists ? path : SplitPath(path).first);
  if (!real.ok()) return real.status();
  const std::string folder = exists ? SplitPath(*real).first : *real;
  if (stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(folder, " is not a folder"));
  }
  FG_SQLITE_TRY(CheckLocalFileSystem(folder));
  FG_SQLITE_TRY(CheckWritable(folder, "the folder", W_OK | X_OK));
  if (!exists) return absl::StrCat(folder == "/" ? "" : folder, "/", SplitPath(path).second);
  FG_SQLITE_TRY(CheckWritable(*real, "the file", R_OK | W_OK));
  return *real;
}

absl::StatusOr<std::unique_ptr<Database>> OpenDatabaseFile(const std::string& path,
                                                           const std::string& vfs) {
  if (SizeOf(path) <= 0) return OpenAndPrepare(path, Database::Mode::kCreate, vfs);
  FG_SQLITE_TRY(CheckHeader(path));
  return OpenAndPrepare(path, Database::Mode::kReadWrite, vfs);
}

FileBefore::FileBefore(std::string path) : path_(std::move(path)), size_(SizeOf(path_)) {}

absl::Status FileBefore::Restore(const absl::Status& status) const {
  const absl::Status explained = Explain(path_, status);
  if (size_ > 0) return explained;
  for (const char* suffix : {"-journal", "-wal", "-shm"}) {
    unlink(absl::StrCat(path_, suffix).c_str());
  }
  const int undone = size_ < 0 ? unlink(path_.c_str()) : truncate(path_.c_str(), 0);
  if (undone == 0 || errno == ENOENT) return explained;
  return absl::Status(explained.code(), absl::StrCat(explained.message(), " (and ", path_,
                                                     " is left behind, half made: remove it)"));
}

absl::StatusOr<std::unique_ptr<Database>> ReopenDatabaseFile(const std::string& path,
                                                             const std::string& vfs) {
  absl::StatusOr<std::unique_ptr<Database>> database =
      OpenAndPrepare(path, Database::Mode::kReadWrite, vfs);
  if (!database.ok()) return Explain(path, database.status());
  return database;
}

}  // namespace firstguess
