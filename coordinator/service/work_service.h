#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "coordinator/service/authenticator.h"
#include "coordinator/service/engine.h"
#include "coordinator/service/session.h"
#include "firstguess/v1/work_service.grpc.pb.h"

namespace firstguess {

// The gRPC edge for workers: one Session per stream, and an end to those that never say
// hello or are no longer let in.
// Thread-safe.
class WorkServiceImpl final : public v1::WorkService::CallbackService {
 public:
  // All outlive the service; the engine's thread ends before the service does.
  WorkServiceImpl(Engine* engine, Clock* clock, Authenticator* authenticator);

  grpc::ServerBidiReactor<v1::WorkerMessage, v1::CoordinatorMessage>* Session(
      grpc::CallbackServerContext* context) override;

 private:
  struct Opened {
    absl::Duration deadline;
    std::weak_ptr<firstguess::Session> session;
  };

  // On every tick.
  void CloseSilentSessions(absl::Duration now) EXCLUDES(mutex_);
  void CloseForbiddenSessions() EXCLUDES(mutex_);

  Engine* const engine_;
  Clock* const clock_;
  Authenticator* const authenticator_;
  Mutex mutex_;
  std::vector<Opened> opened_ GUARDED_BY(mutex_);  // in the last kHelloTimeout
  // All of them, in the order in which their permits are looked at.
  std::deque<std::weak_ptr<firstguess::Session>> sessions_ GUARDED_BY(mutex_);
};

}  // namespace firstguess
