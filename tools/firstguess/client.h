#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rpc/channel.h"
#include "common/rpc/status.h"
#include "firstguess/v1/sweep_service.grpc.pb.h"

namespace firstguess {

// A person's end of SweepService. Every unary call has a deadline. Thread-safe.
class SweepClient {
 public:
  using Stub = v1::SweepService::Stub;

  // Connects at the first call. Errors: of MakeChannel.
  static absl::StatusOr<std::unique_ptr<SweepClient>> Make(const std::string& address,
                                                           const CallerSecurity& security = {});

  // Makes one unary call, for instance Call(&SweepClient::Stub::Pause, request).
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request,
                                absl::Duration timeout = kUnaryDeadline) const {
    grpc::ClientContext context;
    SetDeadline(context, timeout);
    Response response;
    const grpc::Status status = (stub_.get()->*method)(&context, request, &response);
    if (!status.ok()) return FromGrpcStatus(status);
    return response;
  }

  const std::string& address() const { return address_; }
  Stub* stub() const { return stub_.get(); }

 private:
  SweepClient(std::string address, std::unique_ptr<Stub> stub)
      : address_(std::move(address)), stub_(std::move(stub)) {}

  const std::string address_;
  const std::unique_ptr<Stub> stub_;
};

}  // namespace firstguess
