#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace firstguess {

// What control groups allow this process: those that it is in, and all above them. Nothing where
// none sets a limit.
struct GroupLimits {
  std::optional<double> processors;
  std::optional<int64_t> memory_bytes;
};

// Reads both versions of control groups. `groups`: what the kernel says this process is in, a file
// as /proc/self/cgroup; `root`: where they are mounted. What can't be read limits nothing.
GroupLimits ReadGroupLimits(const std::string& groups, const std::string& root);

// Processors that this process may keep busy, at least 1: its affinity, and the time that its
// control groups give it. A batch system sets the one or the other.
int UsableProcessors();

// Memory that this process may use, in bytes: the machine's, or less if its control groups say so.
int64_t UsableMemory();

}  // namespace firstguess
