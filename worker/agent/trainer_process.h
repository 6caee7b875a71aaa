#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "worker/ipc/messages.h"

namespace firstguess {

// A running firstguess-trainer: a child process that owns the device. It gets one end of a socket
// pair as descriptor 3, runs with one thread per operation, ignores Ctrl-C (its agent decides), and
// is killed with the thread that started it. What it writes to standard error is logged, and its
// tail kept for messages about its end.
//
// Thread-safe.
class TrainerProcess {
 public:
  struct Exit {
    bool out_of_memory =
        false;             // killed by SIGKILL, which is how the system ends the largest process
    std::string how;       // "exit code 1", "signal 9 (Killed)"
    std::string log_tail;  // the last lines of its standard error
  };
  // Called on threads of this object, one at a time, on_exit last.
  using OnMessage = std::function<void(ipc::FromTrainer)>;
  using OnExit = std::function<void(Exit)>;

  // `command`: the program and its arguments; "--ipc-fd 3" is added. NotFound when there is no such
  // program.
  static absl::StatusOr<std::unique_ptr<TrainerProcess>> Start(std::vector<std::string> command,
                                                               OnMessage on_message,
                                                               OnExit on_exit);
  // Kills it if it still runs.
  ~TrainerProcess();

  absl::Status Send(const ipc::ToTrainer& message);
  void Kill();

 private:
  TrainerProcess(pid_t pid, int socket, int errors, OnMessage on_message, OnExit on_exit);

  void ReadMessages();
  void ReadErrors();

  const pid_t pid_;
  const int socket_;
  const int errors_;
  const OnMessage on_message_;
  const OnExit on_exit_;
  ipc::FrameWriter writer_;
  Mutex mutex_;
  bool exited_ GUARDED_BY(mutex_) = false;
  std::string log_tail_;  // of the error thread; read after it ended
  std::thread error_thread_;
  std::thread message_thread_;
};

}  // namespace firstguess
