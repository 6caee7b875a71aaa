#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firstguess {

// What is before a role's name in a certificate's URI: "urn:firstguess:role:worker".
inline constexpr char kRoleUri[] = "urn:firstguess:role:";

// What a certificate says of its holder. Whether it is to be believed is a matter of who signed it:
// TLS has checked that before we see one.
struct CertificateFacts {
  std::string name;                // common name
  std::string issuer;              // RFC 2253
  std::string serial;              // hex
  std::vector<std::string> roles;  // of its role URIs; normally one
  std::vector<std::string> hosts;  // DNS names and IP addresses
  absl::Time begins;
  absl::Time ends;
};

// The first certificate in a PEM text. InvalidArgument: there is none.
absl::StatusOr<CertificateFacts> ReadCertificate(absl::string_view pem);

// Whether the PEM texts are a key and its certificate. InvalidArgument: no.
absl::Status CheckKeyOf(absl::string_view certificate_pem, absl::string_view key_pem);

}  // namespace firstguess
