#include "common/rpc/raw_call.h"

#include <utility>

#include "common/mutex.h"
#include "common/rpc/channel.h"
#include "common/rpc/status.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"

namespace firstguess {

absl::StatusOr<grpc::ByteBuffer> CallRaw(const std::shared_ptr<grpc::Channel>& channel,
                                         const std::string& method, absl::Duration timeout) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  SetDeadline(context, timeout);
  const grpc::ByteBuffer request(nullptr, 0);
  grpc::ByteBuffer response;

  Mutex mutex;
  CondVar changed;
  bool done = false;
  grpc::Status status;
  stub.UnaryCall(&context, method, {}, &request, &response, [&](grpc::Status ended) {
    MutexLock lock(&mutex);
    status = std::move(ended);
    done = true;
    changed.NotifyAll();
  });
  {
    MutexLock lock(&mutex);
    while (!done) changed.Wait(&mutex);
  }
  if (!status.ok()) return FromGrpcStatus(status);
  return response;
}

}  // namespace firstguess
