#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "coordinator/service/authenticator.h"
#include "grpcpp/server_context.h"

namespace firstguess {

// A call that changes something, from its beginning to one line in the log:
//
//   AUDIT Pause who=token:alice role=submitter from=ipv4:10.0.0.3:4242 of=first-guess outcome=OK
//
// A value; outlives the call.
class AuditedCall {
 public:
  // `method` lives for ever. `of`: what it changes, in the caller's words.
  AuditedCall(Authenticator* authenticator, const grpc::CallbackServerContext& context,
              absl::string_view method, std::string of);

  void End(const absl::Status& outcome) const;

 private:
  bool audited_;
  absl::string_view method_;
  std::string who_;
  std::string role_;
  std::string from_;
  std::string of_;
};

}  // namespace firstguess
