#include "worker/agent/trainer_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/log.h"

namespace firstguess {
namespace {

constexpr int kIpcDescriptor = 3;
constexpr size_t kLogTailBytes = 4096;
constexpr int kSendTimeoutSeconds = 10;
// A trainer that closed its socket has this long to end by itself.
constexpr int kExitTimeMs = 5000;

// Of a line that a trainer printed: a warning of its log (common/log.h) is one of ours.
LogLevel LevelOf(absl::string_view line) {
  constexpr size_t kTimeLength = 24;
  return line.size() > kTimeLength && absl::StartsWith(line.substr(kTimeLength), " WARNING ")
             ? LogLevel::kWarning
             : LogLevel::kDebug;
}

std::string Errno() { return strerror(errno); }  // NOLINT(concurrency-mt-unsafe)

// How often the system has killed a process because memory ran out, since it started.
std::optional<int64_t> MemoryKills() {
  std::ifstream counters("/proc/vmstat");
  std::string name;
  for (int64_t value = 0; counters >> name >> value;) {
    if (name == "oom_kill") return value;
  }
  return std::nullopt;
}

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

// Between fork and exec: only calls that are safe there. `socket` and `output` are above 2.
[[noreturn]] void BecomeTrainer(pid_t agent, int socket, int output, char* const* arguments,
                                char* const* environment) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != agent) _exit(1);  // it ended before the kernel knew
  // Ctrl-C, and a scheduler's warning, reach the whole process group.
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  signal(SIGUSR1, SIG_IGN);
  signal(SIGPIPE, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int input = open("/dev/null", O_RDONLY);
  if (input >= 0) dup2(input, STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  if (socket == kIpcDescriptor) {
    fcntl(socket, F_SETFD, 0);
  } else {
    dup2(socket, kIpcDescriptor);
  }
  close_range(kIpcDescriptor + 1, ~0U, 0);
  execve(arguments[0], arguments, environment);
  constexpr char kWords[] = "the trainer program can't be executed\n";
  if (write(STDERR_FILENO, kWords, sizeof(kWords) - 1) < 0) _exit(126);
  _exit(127);
}

std::string HowItEnded(int status) {
  if (WIFEXITED(status)) return absl::StrCat("exit code ", WEXITSTATUS(status));
  const int number = WTERMSIG(status);
  const char* const name = sigabbrev_np(number);
  return absl::StrCat("signal ", number, " (", name != nullptr ? name : "unknown", ")");
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
  int output[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0) {
    return absl::UnavailableError(absl::StrCat("socketpair: ", Errno()));
  }
  if (pipe2(output, O_CLOEXEC) != 0) {
    const std::string why = Errno();
    close(sockets[0]);
    close(sockets[1]);
    return absl::UnavailableError(absl::StrCat("pipe: ", why));
  }
  const timeval send_timeout = {.tv_sec = kSendTimeoutSeconds, .tv_usec = 0};
  setsockopt(sockets[0], SOL_SOCKET, SO_SNDTIMEO, &send_timeout, sizeof(send_timeout));
  command.push_back("--ipc-fd");
  command.push_back(absl::StrCat(kIpcDescriptor));
  std::vector<std::string> environment = TrainerEnvironment();
  const std::vector<char*> arguments = Pointers(command);
  const std::vector<char*> variables = Pointers(environment);
  const pid_t agent = getpid();
  const pid_t pid = fork();
  if (pid == 0) BecomeTrainer(agent, sockets[1], output[1], arguments.data(), variables.data());
  const std::string why = Errno();
  close(sockets[1]);
  close(output[1]);
  if (pid < 0) {
    close(sockets[0]);
    close(output[0]);
    return absl::UnavailableError(absl::StrCat("fork: ", why));
  }
  return std::unique_ptr<TrainerProcess>(
      new TrainerProcess(pid, sockets[0], output[0], std::move(on_message), std::move(on_exit)));
}

TrainerProcess::TrainerProcess(pid_t pid, int socket, int output, OnMessage on_message,
                               OnExit on_exit)
    : pid_(pid),
      socket_(socket),
      output_(output),
      memory_kills_(MemoryKills()),
      on_message_(std::move(on_message)),
      on_exit_(std::move(on_exit)),
      writer_(socket),
      output_thread_([this] { ReadOutput(); }),
      message_thread_([this] { ReadMessages(); }) {}

TrainerProcess::~TrainerProcess() {
  Kill();
  message_thread_.join();
  close(socket_);
  close(output_);
}

void TrainerProcess::Send(const ipc::ToTrainer& message) {
  const absl::Status sent = ipc::Send(message, writer_);
  if (sent.ok()) return;
  Log(LogLevel::kWarning, "a message did not reach the trainer", {{"why", sent.message()}});
  Kill();
}

void TrainerProcess::Kill() {
  MutexLock lock(&mutex_);
  if (exited_) return;
  killed_ = true;
  kill(pid_, SIGKILL);
}

void TrainerProcess::ReadMessages() {
  ipc::FrameReader reader(socket_);
  absl::StatusOr<ipc::FromTrainer> message = ipc::Receive<ipc::FromTrainer>(reader);
  for (; message.ok(); message = ipc::Receive<ipc::FromTrainer>(reader)) {
    on_message_(*std::move(message));
  }
  if (absl::IsInvalidArgument(message.status())) {
    Log(LogLevel::kError, "the trainer is of another version",
        {{"why", message.status().message()}});
    Kill();
  }
  const int status = AwaitExit();
  output_thread_.join();
  bool killed = false;
  {
    MutexLock lock(&mutex_);
    killed = killed_;
  }
  const bool by_another = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && !killed;
  const std::optional<int64_t> memory_kills = MemoryKills();
  on_exit_({.out_of_memory = by_another && memory_kills.has_value() && memory_kills_.has_value() &&
                             *memory_kills > *memory_kills_,
            .how = HowItEnded(status),
            .log_tail = log_tail_});
}

int TrainerProcess::AwaitExit() {
  // A process that closed its socket is about to end; one that hangs on the way is helped.
  // (By its number: the header that declares pidfd_open is unfit for C++ in glibc 2.36.)
  if (const auto process = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)); process >= 0) {
    pollfd ended = {.fd = process, .events = POLLIN, .revents = 0};
    if (poll(&ended, 1, kExitTimeMs) == 0) Kill();
    close(process);
  }
  // Waits without reaping, so that Kill can't hit another process of the same number.
  siginfo_t info;
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  int status = 0;
  MutexLock lock(&mutex_);
  waitpid(pid_, &status, 0);
  exited_ = true;
  return status;
}

void TrainerProcess::ReadOutput() {
  std::string line;
  char buffer[1024];
  for (;;) {
    const ssize_t count = read(output_, buffer, sizeof(buffer));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    const absl::string_view text(buffer, static_cast<size_t>(count));
    absl::StrAppend(&log_tail_, text);
    if (log_tail_.size() > kLogTailBytes) log_tail_.erase(0, log_tail_.size() - kLogTailBytes);
    for (const char character : text) {
      if (character != '\n') line += character;
      if (character != '\n' && line.size() < kLogTailBytes) continue;
      Log(LevelOf(line), "trainer says", {{"line", line}});
      line.clear();
    }
  }
  if (!line.empty()) Log(LevelOf(line), "trainer says", {{"line", line}});
}

}  // namespace firstguess
