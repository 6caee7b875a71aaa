#include "tools/firstguess/doctor/machine_findings.h"

#include <sys/resource.h>

#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

// A worker is one connection of the coordinator, and there are other files too.
constexpr rlim_t kFewFiles = 1024;

}  // namespace

Findings MachineFindings() {
  struct rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return {};
  if (limit.rlim_cur == RLIM_INFINITY) {
    return {{"limits", Finding::Level::kOk, "any number of open files."}};
  }
  const std::string text = absl::StrCat(limit.rlim_cur, " open files a process.");
  if (limit.rlim_cur >= kFewFiles) return {{"limits", Finding::Level::kOk, text}};
  return {{"limits", Finding::Level::kWarning, text,
           "Raise it for the coordinator (ulimit -n 4096): every worker is one."}};
}

}  // namespace firstguess
