#include "coordinator/store/sqlite/backup.h"

#include <sqlite3.h>
#include <sys/stat.h>

#include <cerrno>
#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/sqlite/error.h"
#include "coordinator/store/sqlite/new_file.h"
#include "coordinator/store/sqlite/open_readers.h"

namespace firstguess::sqlite {
namespace {

// Between two questions whether to go on: 1 MiB of pages of 4 KiB.
constexpr int kPagesAtATime = 256;
constexpr int kInstructionsAtATime = 100'000;  // of the check

absl::Status Stopped() { return absl::CancelledError("the copy was stopped"); }

// REQUIRES: `source` is in a read transaction, so that all steps see the same.
absl::Status CopyPages(Database* source, Database* copy, const std::function<bool()>& go_on) {
  sqlite3_backup* backup = sqlite3_backup_init(copy->handle(), "main", source->handle(), "main");
  if (backup == nullptr) {
    return MakeError(copy->handle(), sqlite3_extended_errcode(copy->handle()), "copying");
  }
  int code = SQLITE_OK;
  bool stopped = false;
  while (code == SQLITE_OK) {
    stopped = !go_on();
    if (stopped) break;
    code = sqlite3_backup_step(backup, kPagesAtATime);
  }
  const int finished = sqlite3_backup_finish(backup);
  if (stopped) return Stopped();
  if (finished != SQLITE_OK) return MakeError(copy->handle(), finished, "copying");
  // Busy and locked are not errors to `finish`.
  if (code != SQLITE_DONE) return MakeError(copy->handle(), code, "copying");
  return absl::OkStatus();
}

int MustStop(void* go_on) { return (*static_cast<const std::function<bool()>*>(go_on))() ? 0 : 1; }

absl::Status CheckIntegrity(Database* copy, std::function<bool()> go_on) {
  sqlite3_progress_handler(copy->handle(), kInstructionsAtATime, MustStop, &go_on);
  const absl::StatusOr<std::string> answer = copy->Pragma("integrity_check");
  sqlite3_progress_handler(copy->handle(), 0, nullptr, nullptr);
  if (ClassOf(answer.status()) == ErrorClass::kInterrupted) return Stopped();
  if (!answer.ok()) return answer.status();
  if (*answer == "ok") return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("it is damaged: ", *answer));
}

absl::Status CopyAndCheck(Database* source, const std::string& path,
                          const std::function<bool()>& go_on, const std::string& vfs) {
  const absl::StatusOr<std::unique_ptr<Database>> copy =
      Database::Open(path, Database::Mode::kReadWrite, vfs);
  if (!copy.ok()) return copy.status();
  FG_SQLITE_TRY(CopyPages(source, copy->get(), go_on));
  return CheckIntegrity(copy->get(), go_on);
}

}  // namespace

absl::Status BackUp(const std::string& from, const std::string& to,
                    const std::function<bool()>& go_on, const std::string& vfs) {
  const OpenReader reader(from, "backup");
  const absl::StatusOr<std::unique_ptr<Database>> source = Database::OpenReadOnly(from);
  if (!source.ok()) return source.status();
  FG_SQLITE_TRY((*source)->Execute("BEGIN; SELECT count(*) FROM sqlite_schema"));
  struct stat info = {};
  if (stat(from.c_str(), &info) != 0) return absl::ErrnoToStatus(errno, from);
  NewFile file(to);
  FG_SQLITE_TRY(file.Create(info.st_mode & 0777));
  const absl::Status copied = CopyAndCheck(source->get(), file.temporary_path(), go_on, vfs);
  if (!copied.ok()) {
    return WithMessage(copied,
                       absl::StrCat("no copy of ", from, " to ", to, ": ", copied.message()));
  }
  return file.Publish();
}

}  // namespace firstguess::sqlite
