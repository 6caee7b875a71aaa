#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/certificates/certificate.h"

namespace firstguess {

// A certificate authority for a site that has none: a folder with
//
//   ca.crt  ca.key  ca.crl          the authority, its key (for its owner alone), what it revoked
//   issued/SERIAL.crt               a copy of each certificate that it issued
//
// Keys are ECDSA on P-256, serial numbers random. For one process at a time.
class Authority {
 public:
  // The word for a coordinator's certificate, beside the names of roles.
  static constexpr char kCoordinator[] = "coordinator";

  struct Request {
    std::string name;                // of the holder; letters, digits and . _ -
    std::string role;                // of RoleName, or kCoordinator
    std::vector<std::string> hosts;  // DNS names or IP addresses at which a coordinator is reached
    absl::Duration lifetime;
    std::string folder;  // made if missing; gets tls.crt, tls.key, ca.crt and ca.crl
  };
  struct Issued {
    CertificateFacts facts;
    bool revoked = false;
  };

  // Makes a new authority in a new or empty folder. AlreadyExists: there is one.
  static absl::Status Init(const std::string& folder, absl::Duration lifetime, absl::Time now);

  // NotFound: there is none in this folder. PermissionDenied: its key is not for its owner alone.
  static absl::StatusOr<Authority> Open(const std::string& folder);

  // Writes a certificate and its new key; those that lie in the request's folder are replaced.
  // InvalidArgument, in words: something is wrong with the request.
  absl::StatusOr<CertificateFacts> Issue(const Request& request, absl::Time now) const;

  // Revokes every certificate of this name, or the one of this serial number, and writes ca.crl.
  // Returns those that were not revoked before. NotFound: none was issued.
  absl::StatusOr<std::vector<CertificateFacts>> Revoke(const std::string& name,
                                                       absl::Time now) const;

  // Everything that was issued, by name and end.
  absl::StatusOr<std::vector<Issued>> List() const;

  // PEM; what Revoke has written.
  absl::StatusOr<std::string> RevocationList() const;

 private:
  Authority(std::string folder, std::string certificate, std::string key)
      : folder_(std::move(folder)), certificate_(std::move(certificate)), key_(std::move(key)) {}

  std::string folder_;
  std::string certificate_;  // PEM
  std::string key_;          // PEM
};

}  // namespace firstguess
