#include "coordinator/service/work_service.h"

#include <algorithm>
#include <utility>

#include "common/rpc/protocol.h"

namespace firstguess {

namespace {

// Ticks in which each session's permit is looked at once: some seconds.
constexpr size_t kTicksPerRound = 10;

}  // namespace

WorkServiceImpl::WorkServiceImpl(Engine* engine, Clock* clock, Authenticator* authenticator)
    : engine_(engine), clock_(clock), authenticator_(authenticator) {
  engine_->OnTick([this](absl::Duration now) {
    CloseSilentSessions(now);
    CloseForbiddenSessions();
  });
}

grpc::ServerBidiReactor<v1::WorkerMessage, v1::CoordinatorMessage>* WorkServiceImpl::Session(
    grpc::CallbackServerContext* context) {
  Permit permit(authenticator_, *context, "/firstguess.v1.WorkService/Session");
  const absl::StatusOr<Caller> caller = permit.GetCaller();
  auto session = std::make_shared<firstguess::Session>(context, engine_, caller.value_or(Caller()),
                                                       std::move(permit));
  firstguess::Session* const reactor = firstguess::Session::Open(session);
  if (!caller.ok()) {
    session->Close(caller.status());
    return reactor;
  }
  MutexLock lock(&mutex_);
  opened_.push_back({clock_->MonotonicNow() + kHelloTimeout, session});
  sessions_.push_back(session);
  return reactor;
}

void WorkServiceImpl::CloseForbiddenSessions() {
  std::vector<std::shared_ptr<firstguess::Session>> asked;
  {
    MutexLock lock(&mutex_);
    for (size_t left = (sessions_.size() + kTicksPerRound - 1) / kTicksPerRound; left > 0; --left) {
      if (auto session = sessions_.front().lock()) {
        sessions_.push_back(session);
        asked.push_back(std::move(session));
      }
      sessions_.pop_front();
    }
  }
  for (const auto& session : asked) session->CloseIfForbidden();
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
