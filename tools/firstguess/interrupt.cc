#include "tools/firstguess/interrupt.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>

#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

// A signal handler can only reach what is global.
std::atomic<int> signals_seen{0};
std::atomic<int> wake_descriptor{-1};
struct sigaction previous_interrupt;
struct sigaction previous_terminate;

void WakeUp() {
  const uint64_t one = 1;
  // A full counter means that a wake-up is waiting already.
  [[maybe_unused]] const ssize_t ignored = ::write(wake_descriptor.load(), &one, sizeof(one));
}

void HandleSignal(int) {
  const int saved_errno = errno;
  if (signals_seen.fetch_add(1) > 0) ::_exit(kExitInterrupted);
  WakeUp();
  errno = saved_errno;
}

}  // namespace

Interrupt::Interrupt() {
  signals_seen = 0;
  wake_descriptor = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  struct sigaction action {};
  action.sa_handler = HandleSignal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGINT, &action, &previous_interrupt);
  ::sigaction(SIGTERM, &action, &previous_terminate);
}

Interrupt::~Interrupt() {
  ::sigaction(SIGINT, &previous_interrupt, nullptr);
  ::sigaction(SIGTERM, &previous_terminate, nullptr);
  ::close(wake_descriptor.exchange(-1));
}

bool Interrupt::requested() const { return signals_seen.load() > 0; }

void Interrupt::Wait(absl::Duration timeout) {
  pollfd descriptor{wake_descriptor.load(), POLLIN, 0};
  const int64_t milliseconds = std::clamp<int64_t>(absl::ToInt64Milliseconds(timeout), 0, 60'000);
  if (::poll(&descriptor, 1, static_cast<int>(milliseconds)) == 1) {
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t ignored = ::read(descriptor.fd, &count, sizeof(count));
  }
}

void Interrupt::Wake() { WakeUp(); }

}  // namespace firstguess
