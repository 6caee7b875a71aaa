#pragma once

#include "absl/time/time.h"

namespace firstguess {

// While it lives, SIGINT and SIGTERM ask for a clean stop instead of ending the process; a second
// one ends it at once with kExitInterrupted. One at a time in a process. Thread-safe.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  // A signal has arrived.
  bool requested() const;

  // Returns after `timeout`, or sooner when a signal arrived or somebody called Wake since the last
  // Wait. May return early for no reason.
  void Wait(absl::Duration timeout);
  void Wake();
};

}  // namespace firstguess
