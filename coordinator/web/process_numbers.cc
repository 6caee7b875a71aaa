#include "coordinator/web/process_numbers.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace firstguess {
namespace {

std::string FileText(const char* path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

int64_t IntegerAt(const std::vector<absl::string_view>& words, size_t index) {
  int64_t value = 0;
  return index < words.size() && absl::SimpleAtoi(words[index], &value) ? value : 0;
}

// Seconds since 1970 at which the machine started.
int64_t BootTime() {
  const std::string text = FileText("/proc/stat");
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    if (words.front() == "btime") return IntegerAt(words, 1);
  }
  return 0;
}

int64_t CountDescriptors() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc/self/fd"), closedir);
  if (folder == nullptr) return 0;
  int64_t entries = 0;
  while (readdir(folder.get()) != nullptr) ++entries;
  return entries - 3;  // ".", ".." and the folder itself
}

}  // namespace

ProcessNumbers ReadProcessNumbers() {
  ProcessNumbers numbers;
  const std::string text = FileText("/proc/self/stat");
  // The program's name, in brackets, may hold anything; the third field follows it (proc(5)).
  const size_t name_end = text.rfind(')');
  if (name_end != std::string::npos && name_end + 2 < text.size()) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(absl::string_view(text).substr(name_end + 2), ' ');
    constexpr size_t kThird = 3;
    const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    numbers.cpu_seconds =
        static_cast<double>(IntegerAt(words, 14 - kThird) + IntegerAt(words, 15 - kThird)) / ticks;
    numbers.start_unix_seconds = static_cast<double>(BootTime()) +
                                 static_cast<double>(IntegerAt(words, 22 - kThird)) / ticks;
    numbers.resident_bytes = IntegerAt(words, 24 - kThird) * sysconf(_SC_PAGESIZE);
  }
  numbers.open_descriptors = CountDescriptors();
  struct rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    numbers.most_descriptors = static_cast<int64_t>(limit.rlim_cur);
  }
  return numbers;
}

}  // namespace firstguess
