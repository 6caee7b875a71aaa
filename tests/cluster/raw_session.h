#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/mutex.h"
#include "common/rpc/client_stream.h"
#include "firstguess/v1/work_service.grpc.pb.h"

namespace firstguess {

// A worker's stream that says what the test wants it to, sense or nonsense, and keeps what comes
// back. Thread-safe.
class RawSession {
 public:
  using Handler = std::function<void(const v1::CoordinatorMessage&)>;

  // Opens the stream on a connection of its own. `handler`, if any, is called for each message
  // before it is kept.
  explicit RawSession(const std::string& address, Handler handler = nullptr,
                      std::function<void()> on_ended = nullptr);
  RawSession(std::shared_ptr<grpc::Channel> channel, Handler handler,
             std::function<void()> on_ended);
  // Cancels the stream and waits for its end.
  ~RawSession();

  bool Send(v1::WorkerMessage message);
  void HalfClose();
  void Cancel();
  // From the next message on, nothing is read that the coordinator says; and again.
  void StopReading();
  void ReadOn();

  // Waits, for a minute at most, until a message kept fulfils `condition`, and returns it.
  std::optional<v1::CoordinatorMessage> Await(
      const std::function<bool(const v1::CoordinatorMessage&)>& condition);
  // The status that the stream ended with; DeadlineExceeded if it did not within a minute.
  absl::Status AwaitEnd();

  std::vector<v1::CoordinatorMessage> received();
  bool ended();

 private:
  struct Inbox;
  class Stream;

  const std::shared_ptr<Inbox> inbox_;
  std::unique_ptr<v1::WorkService::Stub> stub_;
  std::shared_ptr<Stream> stream_;
};

// The hello of a worker on a CPU that holds nothing and may be granted one pack at a time; its name
// is its instance id too.
v1::WorkerMessage HelloOf(const std::string& name);

}  // namespace firstguess
