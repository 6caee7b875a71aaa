#include "worker/agent/trainer_process.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/log.h"

namespace firstguess {
namespace {

constexpr int kIpcDescriptor = 3;
constexpr size_t kLogTailBytes = 4096;

std::string Errno() { return strerror(errno); }  // NOLINT(concurrency-mt-unsafe)

// Our environment with one thread per operation: more only fight for the cores.
std::vector<std::string> TrainerEnvironment() {
  const std::vector<std::string> settings = {"OMP_NUM_THREADS=1", "OMP_WAIT_POLICY=passive",
                                             "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1"};
  std::vector<std::string> environment = settings;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string entry = *variable;
    bool replaced = false;
    for (const std::string& setting : settings) {
      const size_t name = setting.find('=') + 1;
      replaced = replaced || entry.compare(0, name, setting, 0, name) == 0;
    }
    if (!replaced) environment.push_back(entry);
  }
  return environment;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Between fork and exec: only calls that are safe there.
[[noreturn]] void BecomeTrainer(int socket, int errors, char* const* arguments,
                                char* const* environment) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGINT, SIG_IGN);
  dup2(errors, STDERR_FILENO);
  if (socket == kIpcDescriptor) {
    fcntl(socket, F_SETFD, 0);
  } else {
    dup2(socket, kIpcDescriptor);
  }
  execve(arguments[0], arguments, environment);
  _exit(127);
}

std::string HowItEnded(int status) {
  if (WIFEXITED(status)) return absl::StrCat("exit code ", WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  return absl::StrCat("signal ", number, " (", sigabbrev_np(number), ")");
}

}  // namespace

absl::StatusOr<std::unique_ptr<TrainerProcess>> TrainerProcess::Start(
    std::vector<std::string> command, OnMessage on_message, OnExit on_exit) {
  if (access(command.front().c_str(), X_OK) != 0) {
    return absl::NotFoundError(absl::StrCat("the trainer program ", command.front(),
                                            " can't be run: ", Errno(),
                                            ". Build it, or name it with --trainer."));
  }
  int sockets[2];
  int errors[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
    return absl::UnavailableError(absl::StrCat("socketpair: ", Errno()));
  }
  if (pipe2(errors, O_CLOEXEC) != 0) {
    const std::string why = Errno();
    close(sockets[0]);
    close(sockets[1]);
    return absl::UnavailableError(absl::StrCat("pipe: ", why));
  }
  command.push_back("--ipc-fd");
  command.push_back(absl::StrCat(kIpcDescriptor));
  std::vector<std::string> environment = TrainerEnvironment();
  const std::vector<char*> arguments = Pointers(command);
  const std::vector<char*> variables = Pointers(environment);
  const pid_t pid = fork();
  if (pid == 0) BecomeTrainer(sockets[1], errors[1], arguments.data(), variables.data());
  const std::string why = Errno();
  close(sockets[1]);
  close(errors[1]);
  if (pid < 0) {
    close(sockets[0]);
    close(errors[0]);
    return absl::UnavailableError(absl::StrCat("fork: ", why));
  }
  return std::unique_ptr<TrainerProcess>(
      new TrainerProcess(pid, sockets[0], errors[0], std::move(on_message), std::move(on_exit)));
}

TrainerProcess::TrainerProcess(pid_t pid, int socket, int errors, OnMessage on_message,
                               OnExit on_exit)
    : pid_(pid),
      socket_(socket),
      errors_(errors),
      on_message_(std::move(on_message)),
      on_exit_(std::move(on_exit)),
      writer_(socket),
      error_thread_([this] { ReadErrors(); }),
      message_thread_([this] { ReadMessages(); }) {}

TrainerProcess::~TrainerProcess() {
  Kill();
  message_thread_.join();
  close(socket_);
  close(errors_);
}

absl::Status TrainerProcess::Send(const ipc::ToTrainer& message) {
  return ipc::Send(message, writer_);
}

void TrainerProcess::Kill() {
  MutexLock lock(&mutex_);
  if (!exited_) kill(pid_, SIGKILL);
}

void TrainerProcess::ReadMessages() {
  ipc::FrameReader reader(socket_);
  absl::StatusOr<ipc::FromTrainer> message = ipc::Receive<ipc::FromTrainer>(reader);
  for (; message.ok(); message = ipc::Receive<ipc::FromTrainer>(reader)) {
    on_message_(*std::move(message));
  }
  if (absl::IsInvalidArgument(message.status())) Kill();  // it speaks another language
  // Waits without reaping, so that Kill can't hit another process of the same number.
  siginfo_t info;
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  int status = 0;
  {
    MutexLock lock(&mutex_);
    waitpid(pid_, &status, 0);
    exited_ = true;
  }
  error_thread_.join();
  on_exit_({.out_of_memory = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
            .how = HowItEnded(status),
            .log_tail = log_tail_});
}

void TrainerProcess::ReadErrors() {
  char buffer[1024];
  for (;;) {
    const ssize_t count = read(errors_, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    const absl::string_view text(buffer, static_cast<size_t>(count));
    for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
      Log(LogLevel::kDebug, "trainer says", {{"line", line}});
    }
    absl::StrAppend(&log_tail_, text);
    if (log_tail_.size() > kLogTailBytes) log_tail_.erase(0, log_tail_.size() - kLogTailBytes);
  }
}

}  // namespace firstguess
