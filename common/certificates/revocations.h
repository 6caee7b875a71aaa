#pragma once

#include <set>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/certificates/certificate.h"

namespace firstguess {

// Certificates that are no longer to be believed. A value.
class Revocations {
 public:
  Revocations() = default;

  // From PEM lists, each signed by one of the authorities in `authorities_pem`. A list that is past
  // its next update still counts: what it names stays revoked. InvalidArgument: no list, or one
  // that none of them signed.
  static absl::StatusOr<Revocations> Read(absl::string_view lists_pem,
                                          absl::string_view authorities_pem);

  bool Contain(const CertificateFacts& certificate) const {
    return revoked_.count({certificate.issuer, certificate.serial}) > 0;
  }
  size_t size() const { return revoked_.size(); }

 private:
  std::set<std::pair<std::string, std::string>> revoked_;  // issuer and serial
};

}  // namespace firstguess
