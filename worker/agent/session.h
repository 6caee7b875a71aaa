#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "common/rpc/client_stream.h"
#include "firstguess/v1/work_service.grpc.pb.h"

namespace firstguess {

// One connection to the coordinator: hands every message and the end to its owner, on gRPC's
// threads. Thread-safe.
class Session final : public ClientStream<v1::WorkerMessage, v1::CoordinatorMessage> {
 public:
  using OnReceived = std::function<void(v1::CoordinatorMessage)>;
  using OnOver = std::function<void(absl::Status)>;

  // Opens the stream and begins to read.
  static std::shared_ptr<Session> Start(v1::WorkService::Stub* stub, OnReceived on_received,
                                        OnOver on_over);

  Session(OnReceived on_received, OnOver on_over);

 private:
  void OnMessage(v1::CoordinatorMessage message) override;
  void OnEnded(absl::Status status) override;

  const OnReceived on_received_;
  const OnOver on_over_;
};

}  // namespace firstguess
