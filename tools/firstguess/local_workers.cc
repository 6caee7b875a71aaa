#include "tools/firstguess/local_workers.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/usable.h"

namespace firstguess {
namespace {

constexpr absl::Duration kFirstRestartDelay = absl::Seconds(1);
constexpr absl::Duration kPollInterval = absl::Milliseconds(20);

// How a child begins: its own process group (so that Ctrl-C reaches only us), default signals,
// nothing open but an empty standard input and the log.
class SpawnSetup {
 public:
  explicit SpawnSetup(int log) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, log, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, log, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    for (const int signal : {SIGINT, SIGTERM, SIGPIPE}) sigaddset(&signals, signal);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSetup() {
    ::posix_spawnattr_destroy(&attributes_);
    ::posix_spawn_file_actions_destroy(&actions_);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

std::string WorkerLogPath(const std::string& database) {
  return absl::StrCat(database, ".workers.log");
}

absl::StatusOr<std::unique_ptr<LocalWorkers>> LocalWorkers::Start(Options options, Clock* clock) {
  const int log = ::open(options.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (log < 0) {
    return absl::PermissionDeniedError(absl::StrCat("the workers' log ", options.log,
                                                    " can't be written: ", std::strerror(errno)));
  }
  std::unique_ptr<LocalWorkers> workers(new LocalWorkers(std::move(options), clock, log));
  for (int i = 1; i <= workers->options_.count; ++i) {
    Worker worker;
    worker.name = absl::StrCat("local-", i);
    const absl::Status status = workers->StartOne(&worker);
    if (!status.ok()) return status;
    workers->workers_.push_back(std::move(worker));
  }
  return workers;
}

LocalWorkers::~LocalWorkers() {
  Stop(absl::ZeroDuration());
  ::close(log_);
}

absl::Status LocalWorkers::StartOne(Worker* worker) {
  std::vector<std::string> words = {options_.program,
                                    "--coordinator",
                                    options_.coordinator,
                                    "--name",
                                    worker->name,
                                    "--device",
                                    options_.device,
                                    "--memory-limit",
                                    absl::StrCat(UsableMemory() / options_.count),
                                    "--exit-with-parent"};
  if (!options_.data_folder.empty()) {
    words.push_back("--data-dir");
    words.push_back(options_.data_folder);
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const SpawnSetup setup(log_);
  const int error = ::posix_spawn(&worker->process, options_.program.c_str(), setup.actions(),
                                  setup.attributes(), arguments.data(), environ);
  if (error != 0) {
    worker->process = 0;
    return absl::InternalError(
        absl::StrCat("the worker ", options_.program, " can't be started: ", std::strerror(error)));
  }
  return absl::OkStatus();
}

std::string LocalWorkers::EndInWords(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    return absl::StrCat("was killed by signal ", WTERMSIG(wait_status), " (",
                        ::sigdescr_np(WTERMSIG(wait_status)), ")");
  }
  return absl::StrCat("ended with code ", WEXITSTATUS(wait_status));
}

std::vector<std::string> LocalWorkers::Supervise() {
  std::vector<std::string> events;
  const absl::Duration now = clock_->MonotonicNow();
  for (Worker& worker : workers_) {
    int status = 0;
    if (worker.process != 0 && ::waitpid(worker.process, &status, WNOHANG) == worker.process) {
      worker.process = 0;
      ++worker.deaths;
      const std::string end = absl::StrCat("Worker ", worker.name, " ", EndInWords(status));
      if (worker.deaths <= kRestarts) {
        worker.start_at = now + kFirstRestartDelay * (1 << (worker.deaths - 1));
        events.push_back(absl::StrCat(end, "; it is started again."));
      } else {
        events.push_back(
            absl::StrCat(end, " for the ", worker.deaths, "th time; it is not started again."));
      }
    }
    if (worker.start_at.has_value() && now >= *worker.start_at) {
      worker.start_at.reset();
      const absl::Status started = StartOne(&worker);
      if (!started.ok()) {
        worker.deaths = kRestarts + 1;
        events.push_back(std::string(started.message()));
      }
    }
  }
  return events;
}

bool LocalWorkers::all_given_up() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const Worker& worker) { return worker.deaths > kRestarts; });
}

void LocalWorkers::Stop(absl::Duration grace) {
  for (Worker& worker : workers_) {
    worker.start_at.reset();
    if (worker.process != 0) ::kill(worker.process, SIGTERM);
  }
  const absl::Duration deadline = clock_->MonotonicNow() + grace;
  for (Worker& worker : workers_) {
    while (worker.process != 0) {
      int status = 0;
      if (::waitpid(worker.process, &status, WNOHANG) != 0) {
        worker.process = 0;
      } else if (clock_->MonotonicNow() >= deadline) {
        ::kill(worker.process, SIGKILL);
        ::waitpid(worker.process, &status, 0);
        worker.process = 0;
      } else {
        absl::SleepFor(kPollInterval);
      }
    }
  }
}

}  // namespace firstguess
