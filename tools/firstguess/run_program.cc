#include "tools/firstguess/run_program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/clock.h"

namespace firstguess {
namespace {

constexpr size_t kMostOutput = 1 << 20;

// A running child with its two outputs; killed, if it still runs, and reaped at the end.
class Child {
 public:
  explicit Child(const std::vector<std::string>& command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int error() const { return error_; }
  // False: the time was over.
  bool ReadAll(absl::Duration patience, std::string* output, std::string* complaints);
  int AwaitExit();

 private:
  int error_ = 0;
  pid_t pid_ = -1;
  std::array<int, 2> outputs_ = {-1, -1};
};

Child::Child(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::array<std::array<int, 2>, 2> pipes = {{{-1, -1}, {-1, -1}}};
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  for (int i = 0; i < 2; ++i) {
    if (::pipe2(pipes[i].data(), O_CLOEXEC) != 0) error_ = errno;
    ::posix_spawn_file_actions_adddup2(&actions, pipes[i][1], STDOUT_FILENO + i);
  }
  if (error_ == 0) {
    error_ = ::posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  }
  if (error_ != 0) pid_ = -1;
  ::posix_spawn_file_actions_destroy(&actions);
  for (int i = 0; i < 2; ++i) {
    outputs_[i] = pipes[i][0];
    if (pipes[i][1] >= 0) ::close(pipes[i][1]);
  }
}

Child::~Child() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    AwaitExit();
  }
  for (const int output : outputs_) {
    if (output >= 0) ::close(output);
  }
}

bool Child::ReadAll(absl::Duration patience, std::string* output, std::string* complaints) {
  const std::array<std::string*, 2> texts = {output, complaints};
  const absl::Duration end = RealClock()->MonotonicNow() + patience;
  std::array<pollfd, 2> polled = {{{outputs_[0], POLLIN, 0}, {outputs_[1], POLLIN, 0}}};
  while (polled[0].fd >= 0 || polled[1].fd >= 0) {
    const absl::Duration left = end - RealClock()->MonotonicNow();
    if (left <= absl::ZeroDuration()) return false;
    const int ready =
        ::poll(polled.data(), polled.size(), static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    if (ready < 0 && errno != EINTR) return false;
    for (size_t i = 0; ready > 0 && i < polled.size(); ++i) {
      if (polled[i].revents == 0) continue;
      std::array<char, 4096> buffer;
      const ssize_t size = ::read(polled[i].fd, buffer.data(), buffer.size());
      if (size <= 0) {
        polled[i].fd = -1;
      } else if (texts[i]->size() < kMostOutput) {
        texts[i]->append(buffer.data(), static_cast<size_t>(size));
      }
    }
  }
  return true;
}

int Child::AwaitExit() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return status;
}

}  // namespace

absl::StatusOr<std::string> RunProgram(const std::vector<std::string>& command,
                                       absl::Duration patience) {
  Child child(command);
  if (child.error() == ENOENT) return absl::NotFoundError(absl::StrCat("no ", command[0]));
  if (child.error() != 0) {
    return absl::UnavailableError(absl::StrCat(command[0], ": ", std::strerror(child.error())));
  }
  std::string output;
  std::string complaints;
  if (!child.ReadAll(patience, &output, &complaints)) {
    return absl::DeadlineExceededError(
        absl::StrCat(command[0], " did not end within ", absl::FormatDuration(patience)));
  }
  const int status = child.AwaitExit();
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return output;
  return absl::UnavailableError(
      absl::StrCat(command[0], WIFSIGNALED(status) ? " was killed by signal " : " ended with code ",
                   WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status), ": ",
                   absl::StripAsciiWhitespace(complaints)));
}

}  // namespace firstguess
