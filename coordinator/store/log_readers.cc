#include "coordinator/store/log_readers.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <sstream>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "coordinator/store/sqlite/open_readers.h"

namespace firstguess {
namespace {

// The bytes of the log's index that readers lock (sqlite.org/walformat.html, WAL_READ_LOCK).
constexpr int64_t kFirstReaderByte = 123;
constexpr int64_t kLastReaderByte = 127;

std::string TextOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string ProcessInWords(int64_t pid) {
  if (pid <= 0) return "a process outside this container";
  const std::string name(absl::StripAsciiWhitespace(TextOf(absl::StrCat("/proc/", pid, "/comm"))));
  return absl::StrCat("process ", pid, name.empty() ? "" : absl::StrCat(" (", name, ")"));
}

}  // namespace

std::string ReadingProcesses(absl::string_view locks, unsigned long index_inode, int own) {
  std::set<int64_t> found;
  for (const absl::string_view line : absl::StrSplit(locks, '\n')) {
    // 1: POSIX  ADVISORY  READ 12052 fe:00:9977918 123 123
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.size() != 8 || words[1] != "POSIX") continue;
    const std::vector<absl::string_view> file = absl::StrSplit(words[5], ':');
    int64_t pid = 0;
    uint64_t inode = 0;
    int64_t first = 0;
    int64_t last = 0;
    if (file.size() != 3 || !absl::SimpleAtoi(words[4], &pid) ||
        !absl::SimpleAtoi(file[2], &inode) || !absl::SimpleAtoi(words[6], &first) ||
        !absl::SimpleAtoi(words[7], &last)) {
      continue;
    }
    if (inode == index_inode && pid != own && first <= kLastReaderByte &&
        last >= kFirstReaderByte) {
      found.insert(pid);
    }
  }
  return absl::StrJoin(found, "; ", [](std::string* out, int64_t pid) {
    absl::StrAppend(out, ProcessInWords(pid));
  });
}

std::string LogReaders(const std::string& database_path) {
  std::vector<std::string> readers;
  for (const sqlite::ReaderAge& reader : sqlite::OpenReadersOf(database_path)) {
    readers.push_back(absl::StrCat(
        reader.what, " for ", absl::FormatDuration(absl::Trunc(reader.age, absl::Seconds(1)))));
  }
  struct stat index = {};
  if (stat((database_path + "-shm").c_str(), &index) == 0) {
    const std::string others = ReadingProcesses(TextOf("/proc/locks"), index.st_ino, getpid());
    if (!others.empty()) readers.push_back(others);
  }
  return absl::StrJoin(readers, "; ");
}

}  // namespace firstguess
