#include "coordinator/service/audit.h"

#include <utility>

#include "common/audit_log.h"

namespace firstguess {

AuditedCall::AuditedCall(Authenticator* authenticator, const grpc::CallbackServerContext& context,
                         absl::string_view method, std::string of)
    : audited_(authenticator->audits()),
      method_(method),
      from_(context.peer()),
      of_(std::move(of)) {
  // It was known a moment ago, or there would be no call.
  const absl::StatusOr<Caller> caller = authenticator->Identify(HeadOf(context));
  if (!caller.ok()) return;
  who_ = caller->name;
  role_ = std::string(RoleName(caller->role));
}

void AuditedCall::End(const absl::Status& outcome) const {
  if (!audited_) return;
  LogAudit(method_, {{"who", who_},
                     {"role", role_},
                     {"from", from_},
                     {"of", of_},
                     {"outcome", absl::StatusCodeToString(outcome.code())}});
}

}  // namespace firstguess
