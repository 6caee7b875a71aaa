#include "tools/firstguess/processors.h"

#include <sched.h>

#include <algorithm>

#include "absl/strings/match.h"

namespace firstguess {

int WorkersThatFit(absl::string_view device) {
  if (absl::StartsWith(device, "cuda")) return 1;
  cpu_set_t processors;
  if (::sched_getaffinity(0, sizeof(processors), &processors) != 0) return 1;
  return std::max(1, CPU_COUNT(&processors));
}

}  // namespace firstguess
