#include "common/notify/run_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/clock.h"

namespace firstguess {
namespace {

constexpr int kPollMilliseconds = 100;

std::vector<char*> Pointers(std::vector<std::string>* words) {
  std::vector<char*> pointers;
  for (std::string& word : *words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

// The sweep's facts, and our own environment but for what has their names.
std::vector<std::string> Environment(const EndedSweep& sweep) {
  std::vector<std::string> environment = sweep.ToEnvironment();
  const size_t facts = environment.size();
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const absl::string_view text = *variable;
    const absl::string_view name = text.substr(0, text.find('=') + 1);
    const bool is_fact =
        std::any_of(environment.begin(), environment.begin() + static_cast<std::ptrdiff_t>(facts),
                    [name](const std::string& fact) { return absl::StartsWith(fact, name); });
    if (!is_fact) environment.emplace_back(text);
  }
  return environment;
}

// Returns errno.
int Spawn(const std::string& command, const EndedSweep& sweep, pid_t* process) {
  std::vector<std::string> words = {"/bin/sh", "-c", command};
  std::vector<std::string> environment = Environment(sweep);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t signals;
  sigemptyset(&signals);
  ::posix_spawnattr_setsigmask(&attributes, &signals);
  for (const int number : {SIGINT, SIGTERM, SIGPIPE}) sigaddset(&signals, number);
  ::posix_spawnattr_setsigdefault(&attributes, &signals);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const int error = ::posix_spawn(process, words[0].c_str(), &actions, &attributes,
                                  Pointers(&words).data(), Pointers(&environment).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

absl::Status Reap(pid_t process) {
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    return absl::UnknownError(absl::StrCat("the command was killed by signal ", WTERMSIG(status)));
  }
  if (WEXITSTATUS(status) != 0) {
    return absl::UnknownError(absl::StrCat("the command ended with code ", WEXITSTATUS(status)));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RunCommand(const std::string& command, const EndedSweep& sweep,
                        const std::function<bool()>& stopping, absl::Duration limit) {
  pid_t process = 0;
  if (const int error = Spawn(command, sweep, &process); error != 0) {
    return absl::UnavailableError(
        absl::StrCat("/bin/sh could not be started: ", std::strerror(error)));
  }
  const int descriptor = static_cast<int>(::syscall(SYS_pidfd_open, process, 0));
  pollfd ended = {descriptor, POLLIN, 0};
  const absl::Duration end = RealClock()->MonotonicNow() + limit;
  absl::Status status;
  for (;;) {
    // Without such a descriptor there is only waiting.
    if (descriptor < 0 || ::poll(&ended, 1, kPollMilliseconds) == 1) {
      status = Reap(process);
      break;
    }
    if (stopping()) {
      status = absl::CancelledError("the command was left to itself");
      break;
    }
    if (RealClock()->MonotonicNow() < end) continue;
    ::kill(-process, SIGKILL);
    Reap(process).IgnoreError();
    status = absl::DeadlineExceededError(
        absl::StrCat("the command did not end within ", absl::FormatDuration(limit)));
    break;
  }
  if (descriptor >= 0) ::close(descriptor);
  return status;
}

}  // namespace firstguess
