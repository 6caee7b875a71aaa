#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// What an authority makes, as PEM texts. Errors are Internal: OpenSSL's.
namespace firstguess::signing {

struct KeyPair {
  std::string certificate;
  std::string key;
};

// A self-signed authority.
absl::StatusOr<KeyPair> MakeAuthority(absl::Time begins, absl::Time ends);

struct Subject {
  std::string name;               // common name
  std::string alternative_names;  // as OpenSSL's configuration has them: "URI:…,DNS:…,IP:…"
  bool server = false;            // else a client
};
absl::StatusOr<KeyPair> Sign(const Subject& subject, const KeyPair& authority, absl::Time begins,
                             absl::Time ends);

// A list of revoked certificates by serial number (hex) that says all of `serials`, and what
// `previous` said, if it is not empty.
absl::StatusOr<std::string> MakeRevocationList(const std::vector<std::string>& serials,
                                               absl::string_view previous, const KeyPair& authority,
                                               absl::Time now);

// The serial numbers in a list.
std::vector<std::string> SerialsIn(absl::string_view list);

}  // namespace firstguess::signing
