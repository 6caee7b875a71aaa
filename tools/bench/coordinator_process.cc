#include "tools/bench/coordinator_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/bench/require.h"

namespace firstguess {

CoordinatorProcess::CoordinatorProcess(const std::string& database, const std::string& address,
                                       const std::vector<std::string>& flags) {
  const std::filesystem::path program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "firstguess-coordinator";
  std::vector<std::string> words = {program, "--db",        database, "--listen",
                                    address, "--log-level", "error"};
  words.insert(words.end(), flags.begin(), flags.end());
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  int ends[2];
  Require(pipe2(ends, O_CLOEXEC) == 0, "no pipe to the coordinator");
  output_ = ends[0];
  process_ = fork();
  if (process_ == 0) {
    // Ends with the thread that started it.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(ends[1], STDOUT_FILENO);
    execv(program.c_str(), arguments.data());
    _exit(127);
  }
  close(ends[1]);
  Require(process_ > 0, "can't start the coordinator");

  // It says where it serves once it does.
  std::string said;
  char byte = 0;
  while (byte != '\n' && read(output_, &byte, 1) == 1) said += byte;
  Require(byte == '\n',
          absl::StrCat(program.string(), " did not serve at ", address, "; is it built?"));
}

CoordinatorProcess::~CoordinatorProcess() {
  Kill();
  close(output_);
}

double CoordinatorProcess::ProcessorSeconds() const {
  clockid_t clock = 0;
  timespec time = {};
  Require(clock_getcpuclockid(process_, &clock) == 0 && clock_gettime(clock, &time) == 0,
          "the coordinator's processor time is not to be had");
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

int64_t CoordinatorProcess::ResidentBytes() const { return StatusBytes("VmRSS:"); }
int64_t CoordinatorProcess::PeakResidentBytes() const { return StatusBytes("VmHWM:"); }

int64_t CoordinatorProcess::StatusBytes(const std::string& field) const {
  std::ifstream status(absl::StrCat("/proc/", process_, "/status"));
  std::string word;
  int64_t kibibytes = -1;
  while (status >> word) {
    if (word == field && status >> kibibytes) break;
  }
  Require(kibibytes >= 0, "the coordinator's memory is not to be had");
  return kibibytes << 10;
}

int CoordinatorProcess::Await() {
  int status = 0;
  waitpid(process_, &status, 0);
  process_ = 0;
  return status;
}

void CoordinatorProcess::Kill() {
  if (process_ == 0) return;
  kill(process_, SIGKILL);
  Await();
}

void CoordinatorProcess::Stop() {
  kill(process_, SIGTERM);
  Require(Await() == 0, "the coordinator did not end in good order");
}

}  // namespace firstguess
