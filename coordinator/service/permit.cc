#include "coordinator/service/permit.h"

namespace firstguess {

Permit::Permit(Authenticator* authenticator, const grpc::CallbackServerContext& context,
               absl::string_view method)
    : authenticator_(authenticator), method_(method) {
  const CallHead head = HeadOf(context);
  authorization_ = std::string(head.authorization);
  certificate_ = std::string(head.certificate);
  door_ = std::string(head.door);
}

absl::Status Permit::Check() const { return authenticator_->Check(Head()); }

absl::StatusOr<Caller> Permit::GetCaller() const { return authenticator_->Identify(Head()); }

CallHead Permit::Head() const {
  return {.method = method_,
          .authorization = authorization_,
          .certificate = certificate_,
          .door = door_};
}

}  // namespace firstguess
