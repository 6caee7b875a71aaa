#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "common/mutex.h"
#include "grpcpp/client_context.h"
#include "tools/firstguess/client.h"
#include "tools/firstguess/sweep_numbers.h"

namespace firstguess {

// Follows one sweep by the coordinator's Watch stream, in a thread of its own, and connects again
// when the stream breaks, until the sweep has ended or the coordinator says that there is none of
// that name. Thread-safe.
class SweepWatcher {
 public:
  // What is known at one moment.
  struct View {
    std::optional<SweepNumbers> numbers;  // the latest
    bool connected = false;               // the stream is open and has brought numbers
    bool over = false;                    // nothing follows
    absl::Status error;  // of the last stream; if `over`, why the sweep can't be followed
  };

  // `client` outlives it. `on_change` is called on the watcher's thread after each change.
  SweepWatcher(const SweepClient* client, std::string sweep, std::function<void()> on_change);
  // Ends the stream.
  ~SweepWatcher();
  SweepWatcher(const SweepWatcher&) = delete;
  SweepWatcher& operator=(const SweepWatcher&) = delete;

  View view() const EXCLUDES(mutex_);

 private:
  void Follow() EXCLUDES(mutex_);
  // One stream, to its end.
  absl::Status ReadStream() EXCLUDES(mutex_);
  bool stopping() const EXCLUDES(mutex_);

  const SweepClient* const client_;
  const std::string sweep_;
  const std::function<void()> on_change_;

  mutable Mutex mutex_;
  CondVar stopped_;
  View view_ GUARDED_BY(mutex_);
  bool stopping_ GUARDED_BY(mutex_) = false;
  grpc::ClientContext* context_ GUARDED_BY(mutex_) = nullptr;  // of the open stream

  std::thread thread_;  // last: it uses the others
};

}  // namespace firstguess
