#include "common/usable.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace firstguess {
namespace {

constexpr char kGroupsOfThisProcess[] = "/proc/self/cgroup";
constexpr char kMountedGroups[] = "/sys/fs/cgroup";

// The words of a file that holds a limit: "max 100000", "200000", "max".
std::vector<std::string> WordsOf(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> words;
  for (std::string word; file >> word;) words.push_back(word);
  return words;
}

// Nothing for "max", and for the -1 of the first version.
std::optional<double> NumberAt(const std::vector<std::string>& words, size_t index) {
  double number = 0;
  if (index >= words.size() || !absl::SimpleAtod(words[index], &number) || number <= 0) {
    return std::nullopt;
  }
  return number;
}

class Limits {
 public:
  void LimitProcessors(std::optional<double> quota, std::optional<double> period) {
    if (!quota.has_value() || !period.has_value()) return;
    const double processors = *quota / *period;
    found_.processors = std::min(found_.processors.value_or(processors), processors);
  }
  void LimitMemory(std::optional<double> bytes) {
    // The first version says "none" with nearly 2^63.
    if (!bytes.has_value() || *bytes >= 0x1p62) return;
    const auto limit = static_cast<int64_t>(*bytes);
    found_.memory_bytes = std::min(found_.memory_bytes.value_or(limit), limit);
  }
  const GroupLimits& found() const { return found_; }

 private:
  GroupLimits found_;
};

// `folder` with everything above it, up to the root: "/a/b" is "/a/b", "/a", "".
std::vector<std::string> WithThoseAbove(std::string folder) {
  std::vector<std::string> folders;
  for (;;) {
    while (!folder.empty() && folder.back() == '/') folder.pop_back();
    folders.push_back(folder);
    if (folder.empty()) return folders;
    folder.resize(folder.rfind('/') == std::string::npos ? 0 : folder.rfind('/'));
  }
}

}  // namespace

GroupLimits ReadGroupLimits(const std::string& groups, const std::string& root) {
  Limits limits;
  std::ifstream file(groups);
  for (std::string line; std::getline(file, line);) {
    // "0::/path" of the second version; "5:cpu,cpuacct:/path" of the first.
    const std::vector<std::string> parts = absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3) continue;
    const std::vector<std::string> controllers = absl::StrSplit(parts[1], ',');
    const auto has = [&controllers](const char* name) {
      return std::find(controllers.begin(), controllers.end(), name) != controllers.end();
    };
    for (const std::string& group : WithThoseAbove(parts[2])) {
      if (parts[1].empty()) {
        const std::string folder = root + group;
        const std::vector<std::string> time = WordsOf(folder + "/cpu.max");
        limits.LimitProcessors(NumberAt(time, 0), NumberAt(time, 1));
        limits.LimitMemory(NumberAt(WordsOf(folder + "/memory.max"), 0));
      }
      if (has("cpu")) {
        const std::string folder = absl::StrCat(root, "/", parts[1], group);
        limits.LimitProcessors(NumberAt(WordsOf(folder + "/cpu.cfs_quota_us"), 0),
                               NumberAt(WordsOf(folder + "/cpu.cfs_period_us"), 0));
      }
      if (has("memory")) {
        const std::string folder = absl::StrCat(root, "/", parts[1], group);
        limits.LimitMemory(NumberAt(WordsOf(folder + "/memory.limit_in_bytes"), 0));
      }
    }
  }
  return limits.found();
}

int UsableProcessors() {
  cpu_set_t processors;
  if (::sched_getaffinity(0, sizeof(processors), &processors) != 0) return 1;
  const std::optional<double> allowed =
      ReadGroupLimits(kGroupsOfThisProcess, kMountedGroups).processors;
  int usable = CPU_COUNT(&processors);
  // Part of one more is worth no process of its own.
  if (allowed.has_value() && *allowed < usable) usable = static_cast<int>(*allowed);
  return std::max(1, usable);
}

int64_t UsableMemory() {
  const int64_t machine = static_cast<int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE);
  return std::min(
      machine,
      ReadGroupLimits(kGroupsOfThisProcess, kMountedGroups).memory_bytes.value_or(machine));
}

}  // namespace firstguess
