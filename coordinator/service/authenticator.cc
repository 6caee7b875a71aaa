#include "coordinator/service/authenticator.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/certificates/certificate_files.h"
#include "common/clock.h"
#include "common/hash.h"
#include "common/log.h"
#include "coordinator/service/permissions.h"

namespace firstguess {
namespace {

constexpr char kStrangers[] = "stranger";
constexpr size_t kMostFacts = 4096;  // certificates that are remembered

absl::string_view ShortMethod(absl::string_view method) {
  return method.substr(method.rfind('/') + 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Authenticator>> Authenticator::Make(Options options) {
  auto made = std::make_unique<Authenticator>();
  made->options_ = std::move(options);
  MutexLock lock(&made->mutex_);
  if (!made->options_.tokens_file.empty()) {
    made->tokens_file_.emplace(made->options_.tokens_file);
    made->tokens_file_->Changed();
    if (absl::Status status = made->ReadTokens(); !status.ok()) return status;
  }
  if (!made->options_.tls_folder.empty()) {
    made->revocations_file_.emplace(made->options_.tls_folder + "/ca.crl");
    made->revocations_file_->Changed();
    const absl::Status status = made->ReadRevocations();
    if (!status.ok() && !absl::IsNotFound(status)) return status;
  }
  return made;
}

absl::Status Authenticator::Check(const CallHead& head) {
  const Permission* const permission = FindPermission(head.method);
  if (permission != nullptr && permission->anyone) return absl::OkStatus();
  const absl::StatusOr<Caller> caller = Identify(head);
  if (!caller.ok()) {
    refusals_.Add(head.method, nullptr, caller.status());
    return caller.status();
  }
  if (permission != nullptr && Allows(*permission, caller->role)) return absl::OkStatus();
  // Who may call anything at all is told that there is no such method.
  absl::Status status = permission == nullptr
                            ? absl::UnimplementedError("there is no such method here")
                            : absl::PermissionDeniedError(absl::StrCat(
                                  caller->name, " has the role ", RoleName(caller->role),
                                  ", which may not call ", ShortMethod(head.method)));
  refusals_.Add(head.method, &*caller, status);
  return status;
}

absl::StatusOr<Caller> Authenticator::Identify(const CallHead& head) {
  MutexLock lock(&mutex_);
  if (!head.certificate.empty()) {
    absl::StatusOr<std::optional<Caller>> caller = OfCertificate(head.certificate);
    if (!caller.ok()) return caller.status();
    if (caller->has_value()) return **std::move(caller);
  }
  if (!head.door.empty() && head.door != kStrangers) {
    const size_t space = head.door.find(' ');
    const std::optional<Role> role = FindRole(head.door.substr(0, space));
    if (role.has_value()) {
      return Caller{.name = std::string(head.door.substr(space + 1)), .role = *role};
    }
  }
  return OfToken(head);
}

// Nothing: the certificate names no role.
absl::StatusOr<std::optional<Caller>> Authenticator::OfCertificate(absl::string_view pem) {
  const absl::StatusOr<CertificateFacts> facts = FactsOf(pem);
  if (!facts.ok()) return facts.status();
  if (revocations_file_.has_value() && revocations_file_->Changed()) {
    if (const absl::Status status = ReadRevocations(); !status.ok()) {
      Log(LogLevel::kError, "the revocations of before count on", {{"why", status.message()}});
    }
  }
  if (revocations_.Contain(*facts)) {
    return absl::UnauthenticatedError(
        absl::StrCat("the certificate of ", facts->name, " was revoked: have a new one issued"));
  }
  if (facts->ends < RealClock()->WallNow()) {
    return absl::UnauthenticatedError(
        absl::StrCat("the certificate of ", facts->name, " has expired: have a new one issued"));
  }
  if (facts->roles.empty()) return std::nullopt;
  const std::optional<Role> role = FindRole(facts->roles.front());
  if (facts->roles.size() > 1 || !role.has_value() || facts->name.empty()) {
    return absl::PermissionDeniedError(absl::StrCat(
        "the certificate of \"", facts->name, "\" must have a common name and one role, ", kRoleUri,
        "viewer, submitter, worker or admin, among its alternative names"));
  }
  return Caller{.name = absl::StrCat("certificate:", facts->name), .role = *role};
}

absl::StatusOr<Caller> Authenticator::OfToken(const CallHead& head) {
  if (!tokens_file_.has_value()) {
    if (!head.certificate.empty()) {
      return absl::PermissionDeniedError(
          absl::StrCat("this certificate names no role: it needs ", kRoleUri,
                       "viewer, submitter, worker or admin among its alternative names"));
    }
    if (head.door == kStrangers) {
      return absl::PermissionDeniedError(
          "this socket is for the coordinator's own user; its --unix-user gives others a role");
    }
    return Caller{};
  }
  if (tokens_file_->Changed()) {
    if (const absl::Status status = ReadTokens(); !status.ok()) {
      Log(LogLevel::kError, "can't read the tokens anew", {{"why", status.message()}});
    }
  }
  absl::string_view token = head.authorization;
  if (!absl::ConsumePrefix(&token, "Bearer ")) {
    return absl::UnauthenticatedError(
        "this coordinator asks who is there: say --token-file FILE, with a token that it knows");
  }
  const Caller* const caller = tokens_.Find(absl::StripAsciiWhitespace(token));
  if (caller == nullptr) {
    return absl::UnauthenticatedError("this token is none of the coordinator's, or no longer");
  }
  return *caller;
}

absl::StatusOr<CertificateFacts> Authenticator::FactsOf(absl::string_view pem) {
  const std::string digest = Sha256(pem);
  const auto known = facts_.find(digest);
  if (known != facts_.end()) return known->second;
  absl::StatusOr<CertificateFacts> facts = ReadCertificate(pem);
  if (!facts.ok()) return absl::UnauthenticatedError("this certificate can't be read");
  if (facts_.size() >= kMostFacts) facts_.clear();
  facts_.emplace(digest, *facts);
  return facts;
}

// A file that is gone, or that others can read, has no token any more; one that is half written
// leaves those of before.
absl::Status Authenticator::ReadTokens() {
  absl::StatusOr<TokenBook> book = TokenBook::Read(options_.tokens_file);
  if (book.ok()) {
    tokens_ = *std::move(book);
  } else if (!absl::IsInvalidArgument(book.status())) {
    tokens_ = TokenBook();
  }
  return book.status();
}

absl::Status Authenticator::ReadRevocations() {
  const std::string path = options_.tls_folder + "/ca.crl";
  const absl::StatusOr<std::string> lists = ReadWhole(path);
  if (!lists.ok()) return lists.status();
  const absl::StatusOr<std::string> authorities = ReadWhole(options_.tls_folder + "/ca.crt");
  if (!authorities.ok()) return authorities.status();
  absl::StatusOr<Revocations> revocations = Revocations::Read(*lists, *authorities);
  if (!revocations.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", revocations.status().message()));
  }
  revocations_ = *std::move(revocations);
  Log(LogLevel::kInfo, "revoked certificates read",
      {{"file", path}, {"certificates", revocations_.size()}});
  return absl::OkStatus();
}

std::string Authenticator::DoorOf(const Caller& user) {
  return absl::StrCat(RoleName(user.role), " ", user.name);
}

std::string Authenticator::DoorOfStrangers() { return kStrangers; }

}  // namespace firstguess
