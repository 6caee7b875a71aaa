#pragma once

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firstguess {

// What a service tells the systemd that started it (units with Type=notify and WatchdogSec=). Under
// anything else, and in programs that were built without libsystemd, nothing is told and nobody
// misses it. `status` is the line that `systemctl status` shows. Thread-safe.

// It serves. systemd holds back what is ordered after this unit until then.
void NotifyReady(absl::string_view status);
// It stops because it was asked to.
void NotifyStopping(absl::string_view status);
void NotifyStatus(absl::string_view status);
// It still turns. A service that is silent for WatchdogSec= is killed and started again.
void NotifyAlive();

// How often NotifyAlive is expected, with two to spare; infinite: not at all.
absl::Duration AliveInterval();

}  // namespace firstguess
