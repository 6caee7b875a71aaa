#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "worker/ipc/messages.h"

namespace firstguess {

// A running firstguess-trainer: a child process that owns the device. It gets one end of a socket
// pair as descriptor 3, runs with one thread per operation, leaves interrupts and terminations to
// its agent, and is killed when the thread that started it ends, however that happens. What it
// prints is logged, its warnings as warnings and all else at debug, and its tail kept for the
// message about its end.
//
// Thread-bound: to the thread that started it.
class TrainerProcess {
 public:
  struct Exit {
    // The system killed a process for lack of memory while this one ran, and this one was killed.
    bool out_of_memory = false;
    std::string how;       // "exit code 1", "signal 9 (KILL)"
    std::string log_tail;  // the last 4 KiB that it printed
  };
  // Called on a thread of this object, one at a time, on_exit once and last.
  using OnMessage = std::function<void(ipc::FromTrainer)>;
  using OnExit = std::function<void(Exit)>;

  // `command`: the program and its arguments; "--ipc-fd 3" is added. NotFound when there is no such
  // program; Unavailable when the system can't start one.
  static absl::StatusOr<std::unique_ptr<TrainerProcess>> Start(std::vector<std::string> command,
                                                               OnMessage on_message,
                                                               OnExit on_exit);
  // Kills it if it still runs, and waits for its last call.
  ~TrainerProcess();

  // Blocks for 10 s at most, while the trainer does not read. After an error it is of no use, and
  // ends.
  void Send(const ipc::ToTrainer& message);
  void Kill() EXCLUDES(mutex_);

 private:
  TrainerProcess(pid_t pid, int socket, int output, OnMessage on_message, OnExit on_exit);

  void ReadMessages();
  void ReadOutput();
  int AwaitExit() EXCLUDES(mutex_);

  const pid_t pid_;
  const int socket_;
  const int output_;
  const std::optional<int64_t> memory_kills_;  // of the system, when it started
  const OnMessage on_message_;
  const OnExit on_exit_;
  ipc::FrameWriter writer_;
  Mutex mutex_;
  bool exited_ GUARDED_BY(mutex_) = false;
  bool killed_ GUARDED_BY(mutex_) = false;  // by us
  std::string log_tail_;                    // the output thread's; read after it ended
  std::thread output_thread_;
  std::thread message_thread_;
};

}  // namespace firstguess
