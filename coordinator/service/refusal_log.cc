#include "coordinator/service/refusal_log.h"

#include "common/audit_log.h"
#include "common/clock.h"

namespace firstguess {
namespace {

constexpr int64_t kLinesPerSecond = 10;
constexpr size_t kLongestMethod = 128;

}  // namespace

void RefusalLog::Add(absl::string_view method, const Caller* caller, const absl::Status& status) {
  int64_t left_out = 0;
  {
    MutexLock lock(&mutex_);
    const absl::Duration now = RealClock()->MonotonicNow();
    if (now - second_ >= absl::Seconds(1)) {
      second_ = now;
      lines_ = 0;
    }
    if (++lines_ > kLinesPerSecond) {
      ++left_out_;
      return;
    }
    left_out = left_out_;
    left_out_ = 0;
  }
  if (left_out > 0) {
    LogAudit("refused and not listed", {{"calls", left_out}});
  }
  LogAudit("refused", {{"method", method.substr(0, kLongestMethod)},
                       {"who", caller == nullptr ? "" : caller->name},
                       {"role", caller == nullptr ? "" : RoleName(caller->role)},
                       {"outcome", absl::StatusCodeToString(status.code())},
                       {"why", status.message()}});
}

}  // namespace firstguess
