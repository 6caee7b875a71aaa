#include "worker/trainer/memory_limit.h"

#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define FIRSTGUESS_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FIRSTGUESS_SANITIZED 1
#endif

namespace firstguess::trainer {
namespace {

#ifdef FIRSTGUESS_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

// What the limit counts, in bytes.
int64_t MemoryInUse() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    int64_t kilobytes = 0;
    if (word == "VmData:" && status >> kilobytes) return kilobytes * 1024;
  }
  return 0;
}

}  // namespace

absl::Status LimitMemory(int64_t bytes) {
  if (kSanitized) return absl::OkStatus();
  const int64_t in_use = MemoryInUse();
  if (in_use > bytes) {
    return absl::FailedPreconditionError(
        absl::StrCat("a memory limit of ", bytes >> 20, " MiB for a trainer, which has ",
                     in_use >> 20, " MiB before it trains anything; give it more, or start fewer"));
  }
  rlimit limit = {};
  if (getrlimit(RLIMIT_DATA, &limit) == 0) {
    limit.rlim_cur = static_cast<rlim_t>(bytes);
    if (limit.rlim_cur > limit.rlim_max) return absl::OkStatus();  // there is a lower one
    if (setrlimit(RLIMIT_DATA, &limit) == 0) return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat("the memory can't be limited: ", std::strerror(errno)));
}

}  // namespace firstguess::trainer
