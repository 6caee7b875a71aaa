#include "coordinator/service/work_service.h"

#include <algorithm>
#include <utility>

#include "common/rpc/protocol.h"

namespace firstguess {

WorkServiceImpl::WorkServiceImpl(Engine* engine, Clock* clock) : engine_(engine), clock_(clock) {
  engine_->OnTick([this](absl::Duration now) { CloseSilentSessions(now); });
}

grpc::ServerBidiReactor<v1::WorkerMessage, v1::CoordinatorMessage>* WorkServiceImpl::Session(
    grpc::CallbackServerContext* context) {
  auto session = std::make_shared<firstguess::Session>(context, engine_);
  {
    MutexLock lock(&mutex_);
    opened_.push_back({clock_->MonotonicNow() + kHelloTimeout, session});
  }
  return firstguess::Session::Open(std::move(session));
}

void WorkServiceImpl::CloseSilentSessions(absl::Duration now) {
  std::vector<std::shared_ptr<firstguess::Session>> late;
  {
    MutexLock lock(&mutex_);
    const auto waiting = std::find_if(opened_.begin(), opened_.end(),
                                      [&](const Opened& opened) { return opened.deadline > now; });
    for (auto opened = opened_.begin(); opened != waiting; ++opened) {
      if (auto session = opened->session.lock()) late.push_back(std::move(session));
    }
    opened_.erase(opened_.begin(), waiting);
  }
  for (const auto& session : late) session->CloseIfSilent();
}

}  // namespace firstguess
