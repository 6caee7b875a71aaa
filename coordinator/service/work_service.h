#pragma once

#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "coordinator/service/engine.h"
#include "coordinator/service/session.h"
#include "firstguess/v1/work_service.grpc.pb.h"

namespace firstguess {

// The gRPC edge for workers: one Session per stream, and an end to those that never say hello.
// Thread-safe.
class WorkServiceImpl final : public v1::WorkService::CallbackService {
 public:
  // Both outlive the service; the engine's thread ends before the service does.
  WorkServiceImpl(Engine* engine, Clock* clock);

  grpc::ServerBidiReactor<v1::WorkerMessage, v1::CoordinatorMessage>* Session(
      grpc::CallbackServerContext* context) override;

 private:
  struct Opened {
    absl::Duration deadline;
    std::weak_ptr<firstguess::Session> session;
  };

  // On every tick.
  void CloseSilentSessions(absl::Duration now) EXCLUDES(mutex_);

  Engine* const engine_;
  Clock* const clock_;
  Mutex mutex_;
  std::vector<Opened> opened_ GUARDED_BY(mutex_);  // in the last kHelloTimeout
};

}  // namespace firstguess
