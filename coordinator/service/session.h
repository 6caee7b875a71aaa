#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/mutex.h"
#include "common/rpc/server_stream.h"
#include "common/wire/trajectory_wire.h"
#include "coordinator/service/engine.h"
#include "coordinator/service/outlets.h"
#include "coordinator/service/permit.h"
#include "firstguess/v1/work_service.pb.h"

namespace firstguess {

// One worker's stream: checks what the worker says, translates it, and posts it to the engine;
// takes what the engine says back. Steps (proto/firstguess/v1/work_service.proto has the protocol):
//
//  1. Open until hello. A hello of another protocol version is answered with goodbye, in words.
//  2. Then each message is one event. The next is read once the engine has room for results.
//  3. Chunks of a result are put together; the engine sees whole results only.
//  4. Ended by: a goodbye for good; the worker's half-close, once its results are acknowledged; a
//     malformed message, with the status that says what is wrong (other workers notice nothing);
//     the end of its permit.
//
// A worker that is no admin has its identity (caller.h) in its instance id,
// "4f…@certificate:node3", here and in the database. So nobody else can take over its leases or
// report on them.
class Session final : public ServerStream<v1::WorkerMessage, v1::CoordinatorMessage>,
                      public Outlet,
                      public std::enable_shared_from_this<Session> {
 public:
  // `engine` outlives the session. The worker is `caller`, by its `permit`.
  Session(grpc::CallbackServerContext* context, Engine* engine, Caller caller, Permit permit);

  // Ends the stream if its worker is no longer let in.
  void CloseIfForbidden();

  // Ends the stream if it has not said hello.
  void CloseIfSilent() EXCLUDES(state_mutex_);

  void Deliver(const ToWorker& message) override EXCLUDES(state_mutex_);
  void RejectResult(LeaseId lease, TrialId trial, absl::string_view why) override
      EXCLUDES(state_mutex_);
  void Close(absl::Status status) override { ServerStream::Close(std::move(status)); }

 private:
  enum class Stage { kSilent, kOpen, kLeaving };
  // A result of which some chunks are here.
  struct IncomingResult {
    LeaseId lease = 0;
    TrialId trial = 0;
    TrajectoryAssembler assembler;
    absl::Status status;  // the first thing that was wrong
  };

  void OnMessage(v1::WorkerMessage message) override;
  void OnPeerFinished() override EXCLUDES(state_mutex_);
  void OnEnded() override EXCLUDES(state_mutex_);

  absl::Status Handle(v1::WorkerMessage& message) EXCLUDES(state_mutex_);
  absl::Status Hello(const v1::Hello& hello) EXCLUDES(state_mutex_);
  absl::Status Result(v1::Result& result) EXCLUDES(state_mutex_);
  void Acknowledge(v1::CoordinatorMessage message) EXCLUDES(state_mutex_);
  void Leave() EXCLUDES(state_mutex_);

  Engine* const engine_;
  const Caller caller_;
  const Permit permit_;
  const std::string peer_;

  Mutex state_mutex_;
  Stage stage_ GUARDED_BY(state_mutex_) = Stage::kSilent;
  std::string name_ GUARDED_BY(state_mutex_);
  std::string instance_id_ GUARDED_BY(state_mutex_);
  int64_t epoch_ GUARDED_BY(state_mutex_) = 0;
  int64_t unacknowledged_ GUARDED_BY(state_mutex_) = 0;
  // Only for OnMessage, whose calls do not overlap.
  std::optional<IncomingResult> incoming_;
};

}  // namespace firstguess
