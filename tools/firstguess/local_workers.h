#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"

namespace firstguess {

// Worker processes on this machine that live as long as this object and share its memory: they end
// by themselves when the thread that started them dies. They don't see the terminal's Ctrl-C; Stop
// tells them.
//
// Thread-bound: every call comes from the thread that called Start, which must outlive it.
class LocalWorkers {
 public:
  struct Options {
    std::string program;      // path of firstguess-worker
    std::string coordinator;  // address
    std::string device;       // "cpu", "cuda:0", …
    std::string data_folder;  // empty: the worker's default places
    std::string log;          // file that gets what they print, appended
    int count = 1;
  };

  // How often each worker is started again after it died.
  static constexpr int kRestarts = 3;

  // Starts them. `clock` outlives it. Errors name the program or the log that can't be opened.
  static absl::StatusOr<std::unique_ptr<LocalWorkers>> Start(Options options, Clock* clock);
  // Kills whatever still runs.
  ~LocalWorkers();
  LocalWorkers(const LocalWorkers&) = delete;
  LocalWorkers& operator=(const LocalWorkers&) = delete;

  // Notices workers that died and starts them again, a second after the first death, then two and
  // four. Returns a line for each event. To be called about once a second or oftener.
  std::vector<std::string> Supervise();

  int count() const { return options_.count; }
  // Every worker has died too often.
  bool all_given_up() const;

  // SIGTERM to all, then waits up to `grace` for them to hand back their work; kills the rest.
  void Stop(absl::Duration grace);

 private:
  struct Worker {
    std::string name;
    pid_t process = 0;  // 0: does not run
    int deaths = 0;
    std::optional<absl::Duration> start_at;  // of the next start, by the monotonic clock
  };

  LocalWorkers(Options options, Clock* clock, int log)
      : options_(std::move(options)), clock_(clock), log_(log) {}

  absl::Status StartOne(Worker* worker);
  // How a worker that was reaped ended: "ended with code 1", "was killed by signal 9".
  static std::string EndInWords(int wait_status);

  const Options options_;
  Clock* const clock_;
  const int log_;  // descriptor
  std::vector<Worker> workers_;
};

// Where `run` puts the workers' output: beside the database.
std::string WorkerLogPath(const std::string& database);

}  // namespace firstguess
