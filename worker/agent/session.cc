#include "worker/agent/session.h"

#include <utility>

namespace firstguess {
namespace {

// Messages on their way up at most: results are bounded by their acknowledgements, and the rest is
// small.
constexpr size_t kQueueLimit = 4096;

}  // namespace

std::shared_ptr<Session> Session::Start(v1::WorkService::Stub* stub, OnReceived on_received,
                                        OnOver on_over) {
  auto session = std::make_shared<Session>(std::move(on_received), std::move(on_over));
  Open(session, [stub](auto* context, auto* stream) { stub->async()->Session(context, stream); });
  session->ReadNext();
  return session;
}

Session::Session(OnReceived on_received, OnOver on_over)
    : ClientStream(kQueueLimit),
      on_received_(std::move(on_received)),
      on_over_(std::move(on_over)) {}

void Session::OnMessage(v1::CoordinatorMessage message) {
  on_received_(std::move(message));
  ReadNext();
}

void Session::OnEnded(absl::Status status) { on_over_(std::move(status)); }

}  // namespace firstguess
