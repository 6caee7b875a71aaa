#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "coordinator/service/authenticator.h"
#include "grpcpp/server_context.h"

namespace firstguess {

// What a stream was let in with, to be asked again while it is open: a certificate may be revoked,
// a token taken away. A value; outlives the call.
class Permit {
 public:
  Permit(Authenticator* authenticator, const grpc::CallbackServerContext& context,
         absl::string_view method);

  // As the gate decides now.
  absl::Status Check() const;
  absl::StatusOr<Caller> GetCaller() const;

 private:
  CallHead Head() const;

  Authenticator* authenticator_;
  std::string method_;
  std::string authorization_;
  std::string certificate_;
  std::string door_;
};

}  // namespace firstguess
