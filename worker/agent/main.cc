#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/service_manager.h"
#include "common/spec/scalar_text.h"
#include "common/usable.h"
#include "worker/agent/agent.h"

// Exit codes, as the command line's: 0 stopped when asked or drained; 1 failed, or refused by the
// coordinator for good; 2 usage.
namespace firstguess {
namespace {

// How often the file is touched that tells that the worker is alive.
constexpr absl::Duration kAliveFileInterval = absl::Seconds(10);

constexpr char kExamples[] = R"(Examples:
  firstguess-worker                                  one trainer on the CPU, coordinator on this machine
  firstguess-worker --device auto                    on a GPU if its driver answers
  firstguess-worker --trainers 4 --name node3        four trainers side by side
  firstguess-worker --trainers auto --idle-exit 300  one a processor, until there is nothing to do
  firstguess-worker --coordinator unix:/run/firstguess.sock --data-dir ~/datasets
  firstguess-worker --coordinator node1:7171 --tls ~/node3
  firstguess-worker --checkpoint-dir /shared/checkpoints     long trials survive it

Stops on SIGTERM or Ctrl-C: what is not done goes back, what is done is delivered; a second one ends it
at once. The same when its coordinator drains it.

In a job of a batch system (SLURM_JOB_ID is set), SIGTERM says that the machine is taken away at once,
and SIGUSR1 that it will be after --notice seconds: what can be finished until then is, the rest goes
back as preempted, which is no failure. A second one changes nothing.

Exit codes: 0 stopped when asked; 1 failed, or refused by the coordinator; 2 usage.)";

std::string HostName() {
  char name[HOST_NAME_MAX + 1] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "worker";
}

std::string ProgramFolder() {
  char path[PATH_MAX] = {};
  const ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
  const std::string program(path, length > 0 ? static_cast<size_t>(length) : 0);
  return program.substr(0, program.rfind('/') + 1);
}

// Sets the file's time of change to now; makes it if need be.
void Touch(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return;
  futimens(file, nullptr);
  close(file);
}

// The job of Slurm that this process runs in, as squeue shows it; empty: none.
std::string BatchJob() {
  const auto variable = [](const char* name) {
    const char* const value = std::getenv(name);
    return std::string(value == nullptr ? "" : value);
  };
  const std::string array = variable("SLURM_ARRAY_JOB_ID");
  if (array.empty()) return variable("SLURM_JOB_ID");
  return absl::StrCat(array, "_", variable("SLURM_ARRAY_TASK_ID"));
}

// The file that standard error goes to; empty: it goes elsewhere.
std::string LogFile() {
  struct stat info = {};
  if (fstat(STDERR_FILENO, &info) != 0 || !S_ISREG(info.st_mode)) return "";
  char path[PATH_MAX] = {};
  const ssize_t length = readlink("/proc/self/fd/2", path, sizeof(path) - 1);
  return std::string(path, length > 0 ? static_cast<size_t>(length) : 0);
}

std::string TrainersThatFit(const std::string& text) {
  return text == "auto" ? absl::StrCat(std::min(63, UsableProcessors())) : text;
}

// SIGINT, SIGTERM and SIGUSR1, which also ends the watch, blocked in every thread that is started
// from now on.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&signals, number);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

// While it lives, the first SIGINT or SIGTERM asks `agent` to stop, and a second one ends the
// process. SIGUSR1, and SIGTERM in a batch job, tell `agent` that the machine is taken away: a
// batch system may repeat itself, and kills what takes too long.
class StopSignals {
 public:
  StopSignals(const sigset_t& signals, bool in_job, absl::Duration notice, Agent* agent)
      : thread_([this, signals, in_job, notice, agent] {
          int number = 0;
          int seen = 0;
          while (sigwait(&signals, &number) == 0 && !over_) {
            if (number == SIGUSR1) {
              agent->Preempt(notice);
            } else if (number == SIGTERM && in_job) {
              agent->Preempt(absl::ZeroDuration());
            } else {
              if (++seen > 1) _exit(1);
              agent->RequestStop();
            }
          }
        }) {}
  ~StopSignals() {
    over_ = true;
    pthread_kill(thread_.native_handle(), SIGUSR1);
    thread_.join();
  }

 private:
  std::atomic<bool> over_{false};
  std::thread thread_;
};

int Main(int argc, char** argv) {
  CLI::App app("Trains what a coordinator gives it.", "firstguess-worker");
  app.footer(kExamples);
  app.set_version_flag("--version", "firstguess-worker " FIRSTGUESS_VERSION);
  Agent::Options options;
  options.coordinator = "127.0.0.1:7171";
  options.name = HostName();
  options.build = FIRSTGUESS_VERSION;
  std::string device = "cpu";
  std::string trainer = ProgramFolder() + "firstguess-trainer";
  bool allow_tf32 = false;
  bool graphs = false;
  int64_t memory = UsableMemory();
  std::vector<std::string> data_dirs;
  std::string alive_file;
  bool exit_with_parent = false;
  int64_t idle_seconds = 0;
  int64_t notice_seconds = 120;
  LogLevel level = LogLevel::kInfo;
  app.add_option("--coordinator", options.coordinator, "HOST:PORT or unix:PATH")
      ->capture_default_str();
  app.add_option("--tls", options.security.tls_folder,
                 "Folder with tls.crt, tls.key and ca.crt, for a coordinator on another machine; "
                 "read again when they change; or FIRSTGUESS_TLS")
      ->envname("FIRSTGUESS_TLS");
  app.add_option("--token-file", options.security.token_file,
                 "File with a token, if the coordinator asks for one; or FIRSTGUESS_TOKEN_FILE")
      ->envname("FIRSTGUESS_TOKEN_FILE");
  app.add_flag("--insecure-network", options.security.insecure_network,
               "Speak over a network without TLS");
  app.add_option("--name", options.name, "A label for people; default: this host's name");
  app.add_option("--device", device, "cpu, cuda, cuda:N or auto")->capture_default_str();
  app.add_flag("--allow-tf32", allow_tf32,
               "Let a GPU round the factors of products to TF32; results say so in `library`");
  app.add_flag("--graphs", graphs,
               "Let a GPU record an update once, as a CUDA graph, and repeat it");
  app.add_option("--data-dir", data_dirs, "Folder with one folder a data set; may be repeated")
      ->check(CLI::ExistingDirectory);
  std::string checkpoint_dir;
  double checkpoint_seconds = 600;
  app.add_option("--checkpoint-dir", checkpoint_dir,
                 "Folder that all workers reach, for the state of long trials: after a crash or a "
                 "preemption any of them goes on from there")
      ->check(CLI::ExistingDirectory);
  app.add_option("--checkpoint-every", checkpoint_seconds,
                 "Seconds until a trial's first checkpoint, and from one to the next")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  app.add_option("--trainers", options.trainers,
                 "Trainer processes side by side; auto: one for each processor that it may use")
      ->transform(TrainersThatFit)
      ->check(CLI::Range(1, 63))
      ->capture_default_str();
  app.add_option_function<std::string>(
         "--memory-limit",
         [&memory](const std::string& text) {
           const absl::StatusOr<int64_t> bytes = ParseBytes(text);
           if (!bytes.ok()) {
             throw CLI::ValidationError("--memory-limit", std::string(bytes.status().message()));
           }
           memory = std::min(memory, *bytes);
         },
         "Main memory for all trainers on a CPU together, such as 16GiB; default: what the machine "
         "and its control groups have")
      ->type_name("SIZE");
  app.add_option("--labels", options.labels, "What a sweep's `requires: {labels: …}` may ask for")
      ->delimiter(',');
  app.add_option("--trainer", trainer, "The trainer program; default: the one beside this");
  app.add_option("--idle-exit", idle_seconds,
                 "End after so many seconds with nothing to do; with 1 if it could not work")
      ->check(CLI::PositiveNumber)
      ->type_name("SECONDS");
  app.add_option("--notice", notice_seconds, "Seconds from SIGUSR1 until the machine is taken away")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("SECONDS");
  app.add_flag("--exit-with-parent", exit_with_parent, "End when the process that started it ends");
  app.add_option("--alive-file", alive_file,
                 "A file that is touched every 10 s while this works, for probes")
      ->type_name("FILE");
  app.add_option("--log-level", level, "Log lines from this level on, to standard error")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, LogLevel>{{"debug", LogLevel::kDebug},
                                                                  {"info", LogLevel::kInfo},
                                                                  {"warning", LogLevel::kWarning},
                                                                  {"error", LogLevel::kError}}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  SetLogLevel(level);
  options.job = BatchJob();
  // Nobody chose where a job's output goes; elsewhere whoever started the worker did.
  if (!options.job.empty()) options.log = LogFile();
  if (idle_seconds > 0) options.idle_time = absl::Seconds(idle_seconds);
  options.trainer = {trainer, "--device", device, "--memory-limit",
                     absl::StrCat(memory / options.trainers)};
  if (allow_tf32) options.trainer.push_back("--allow-tf32");
  if (graphs) options.trainer.push_back("--graphs");
  for (const std::string& folder : data_dirs) {
    options.trainer.push_back("--data-dir");
    options.trainer.push_back(folder);
  }
  if (!checkpoint_dir.empty()) {
    options.trainer.insert(options.trainer.end(),
                           {"--checkpoint-dir", checkpoint_dir, "--checkpoint-every",
                            absl::StrCat(checkpoint_seconds)});
  }

  options.alive_interval = AliveInterval();
  if (!alive_file.empty())
    options.alive_interval = std::min(options.alive_interval, kAliveFileInterval);
  options.on_alive = [alive_file] {
    NotifyAlive();
    if (!alive_file.empty()) Touch(alive_file);
  };

  const sigset_t signals = BlockSignals();
  if (exit_with_parent) {
    const pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) return 1;  // it ended before the kernel knew
  }
  const bool in_job = !options.job.empty();
  Agent agent(std::move(options));
  const StopSignals stop_signals(signals, in_job, absl::Seconds(notice_seconds), &agent);
  const absl::Status status = agent.Run();
  if (status.ok()) return 0;
  std::cerr << "firstguess-worker: " << status.message() << "\n";
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ? 2 : 1;
}

}  // namespace
}  // namespace firstguess

int main(int argc, char** argv) { return firstguess::Main(argc, argv); }
