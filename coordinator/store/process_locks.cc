#include "coordinator/store/process_locks.h"

#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace firstguess {
namespace {

std::string TextOfProc(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

std::vector<int64_t> LockHolders(absl::string_view locks, const LockQuery& query) {
  const bool posix = query.kind == LockQuery::Kind::kPosix;
  std::set<int64_t> found;
  for (const absl::string_view line : absl::StrSplit(locks, '\n')) {
    // 1: POSIX  ADVISORY  READ 12052 fe:00:9977918 123 123
    // 2: FLOCK  ADVISORY  WRITE 12052 fe:00:9977919 0 EOF
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    if (words.size() != 8 || words[1] != (posix ? "POSIX" : "FLOCK")) continue;
    const std::vector<absl::string_view> file = absl::StrSplit(words[5], ':');
    int64_t pid = 0;
    uint64_t inode = 0;
    if (file.size() != 3 || !absl::SimpleAtoi(words[4], &pid) ||
        !absl::SimpleAtoi(file[2], &inode) || inode != query.inode) {
      continue;
    }
    if (posix) {
      int64_t first = 0;
      int64_t last = 0;
      if (!absl::SimpleAtoi(words[6], &first) || !absl::SimpleAtoi(words[7], &last)) continue;
      if (first > query.last || last < query.first) continue;
    }
    found.insert(pid < 0 ? 0 : pid);
  }
  return {found.begin(), found.end()};
}

std::vector<int64_t> LockHoldersNow(const LockQuery& query) {
  return LockHolders(TextOfProc("/proc/locks"), query);
}

std::string ProcessInWords(int64_t pid) {
  if (pid <= 0) return "a process outside this container";
  const std::string name(
      absl::StripAsciiWhitespace(TextOfProc(absl::StrCat("/proc/", pid, "/comm"))));
  return absl::StrCat("process ", pid, name.empty() ? "" : absl::StrCat(" (", name, ")"));
}

}  // namespace firstguess
