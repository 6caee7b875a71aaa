#pragma once

#include <cstdint>

namespace firstguess {

// This process as the system accounts for it (/proc/self). 0: not known.
struct ProcessNumbers {
  int64_t resident_bytes = 0;
  double cpu_seconds = 0;  // user and system, of all threads
  double start_unix_seconds = 0;
  int64_t open_descriptors = 0;
  int64_t most_descriptors = 0;  // that it may open
};
ProcessNumbers ReadProcessNumbers();

}  // namespace firstguess
