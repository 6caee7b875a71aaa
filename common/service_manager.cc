#include "common/service_manager.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

#ifdef FIRSTGUESS_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

namespace firstguess {
namespace {

// WatchdogSec= is for three of them.
constexpr int64_t kAlivePerWatchdog = 3;

#ifdef FIRSTGUESS_SYSTEMD
// The environment stays as it is: 0 as the first argument.
void Send(const std::string& state) { sd_notify(0, state.c_str()); }

uint64_t WatchdogMicroseconds() {
  uint64_t microseconds = 0;
  return sd_watchdog_enabled(0, &microseconds) > 0 ? microseconds : 0;
}
#else
void Send(const std::string&) {}
uint64_t WatchdogMicroseconds() { return 0; }
#endif

// Assignments end at line breaks.
std::string Status(absl::string_view status) {
  return absl::StrCat("STATUS=", absl::StrReplaceAll(status, {{"\n", " "}}));
}

}  // namespace

void NotifyReady(absl::string_view status) { Send(absl::StrCat("READY=1\n", Status(status))); }

void NotifyStopping(absl::string_view status) {
  Send(absl::StrCat("STOPPING=1\n", Status(status)));
}

void NotifyStatus(absl::string_view status) { Send(Status(status)); }

void NotifyAlive() { Send("WATCHDOG=1"); }

absl::Duration AliveInterval() {
  const uint64_t microseconds = WatchdogMicroseconds();
  if (microseconds == 0) return absl::InfiniteDuration();
  return absl::Microseconds(microseconds) / kAlivePerWatchdog;
}

}  // namespace firstguess
