#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/certificates/certificate.h"
#include "common/certificates/revocations.h"
#include "common/mutex.h"
#include "common/rpc/call_gate.h"
#include "common/watched_file.h"
#include "coordinator/service/caller.h"
#include "coordinator/service/refusal_log.h"
#include "coordinator/service/token_book.h"

namespace firstguess {

// Knows who makes a call, and refuses what permissions.h does not allow. Who it is:
//
//  1. The role and name in the certificate of the connection, unless it expired or was revoked.
//  2. Else, on a unix socket, the user whom the kernel names (DoorOf), if that user has a role.
//  3. Else whoever has the token, while the token is in the file.
//  4. Else, without TLS and without a file of tokens: an admin without a name. It is for addresses
//     that only this machine reaches, or an operator who asked for it.
//
// The files are looked at on each call, so a token that is removed and a certificate that is
// revoked count from the next call on, on open connections too. Thread-safe.
class Authenticator final : public CallGate {
 public:
  struct Options {
    std::string tokens_file = "";  // of TokenBook; empty: there are no tokens
    std::string tls_folder = "";   // with ca.crt and perhaps ca.crl; empty: no certificates
    bool audit = true;             // calls that change something go into the log
  };

  // Everybody is an admin.
  Authenticator() = default;
  // Errors: of the files.
  static absl::StatusOr<std::unique_ptr<Authenticator>> Make(Options options);

  absl::Status Check(const CallHead& head) override;

  // Unauthenticated or PermissionDenied, with what to do.
  absl::StatusOr<Caller> Identify(const CallHead& head) EXCLUDES(mutex_);

  bool audits() const { return options_.audit; }

  // The door (CallHead) of connections whose user is known, and of those whose user has no role.
  static std::string DoorOf(const Caller& user);
  static std::string DoorOfStrangers();

 private:
  absl::StatusOr<std::optional<Caller>> OfCertificate(absl::string_view pem) REQUIRES(mutex_);
  absl::StatusOr<Caller> OfToken(const CallHead& head) REQUIRES(mutex_);
  absl::StatusOr<CertificateFacts> FactsOf(absl::string_view pem) REQUIRES(mutex_);
  absl::Status ReadTokens() REQUIRES(mutex_);
  absl::Status ReadRevocations() REQUIRES(mutex_);

  Options options_;
  RefusalLog refusals_;

  Mutex mutex_;
  std::optional<WatchedFile> tokens_file_ GUARDED_BY(mutex_);
  TokenBook tokens_ GUARDED_BY(mutex_);
  std::optional<WatchedFile> revocations_file_ GUARDED_BY(mutex_);
  Revocations revocations_ GUARDED_BY(mutex_);
  std::map<std::string, CertificateFacts> facts_ GUARDED_BY(mutex_);  // by SHA-256 of the PEM
};

}  // namespace firstguess
