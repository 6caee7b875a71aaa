#include "tools/firstguess/processors.h"

#include "absl/strings/match.h"
#include "common/usable.h"

namespace firstguess {

int WorkersThatFit(absl::string_view device) {
  if (absl::StartsWith(device, "cuda")) return 1;
  return UsableProcessors();
}

}  // namespace firstguess
