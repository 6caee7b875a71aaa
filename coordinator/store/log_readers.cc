#include "coordinator/store/log_readers.h"

#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "coordinator/store/process_locks.h"
#include "coordinator/store/sqlite/open_readers.h"

namespace firstguess {
namespace {

// The bytes of the log's index that readers lock (sqlite.org/walformat.html, WAL_READ_LOCK).
constexpr int64_t kFirstReaderByte = 123;
constexpr int64_t kLastReaderByte = 127;

}  // namespace

std::string LogReaders(const std::string& database_path) {
  std::vector<std::string> readers;
  for (const sqlite::ReaderAge& reader : sqlite::OpenReadersOf(database_path)) {
    readers.push_back(absl::StrCat(
        reader.what, " for ", absl::FormatDuration(absl::Trunc(reader.age, absl::Seconds(1)))));
  }
  struct stat index = {};
  if (stat((database_path + "-shm").c_str(), &index) == 0) {
    for (const int64_t pid : LockHoldersNow({.kind = LockQuery::Kind::kPosix,
                             .inode = index.st_ino,
                             .first = kFirstReaderByte,
                             .last = kLastReaderByte})) {
      if (pid != getpid()) readers.push_back(ProcessInWords(pid));
    }
  }
  return absl::StrJoin(readers, "; ");
}

}  // namespace firstguess
