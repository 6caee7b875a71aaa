#include "common/certificates/revocations.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <vector>

#include "common/certificates/openssl.h"

namespace firstguess {
namespace {

std::vector<openssl::Certificate> Authorities(absl::string_view pem) {
  std::vector<openssl::Certificate> authorities;
  const openssl::Bio reader = openssl::ReaderOf(pem);
  while (X509* const one = PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr)) {
    authorities.emplace_back(one);
  }
  return authorities;
}

bool SignedByOneOf(const std::vector<openssl::Certificate>& authorities, X509_CRL* list) {
  for (const openssl::Certificate& authority : authorities) {
    if (X509_NAME_cmp(X509_get_subject_name(authority.get()), X509_CRL_get_issuer(list)) == 0 &&
        X509_CRL_verify(list, X509_get0_pubkey(authority.get())) == 1) {
      return true;
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<Revocations> Revocations::Read(absl::string_view lists_pem,
                                              absl::string_view authorities_pem) {
  const std::vector<openssl::Certificate> authorities = Authorities(authorities_pem);
  const openssl::Bio reader = openssl::ReaderOf(lists_pem);
  Revocations revocations;
  int lists = 0;
  bool all_signed = true;
  while (X509_CRL* const read = PEM_read_bio_X509_CRL(reader.get(), nullptr, nullptr, nullptr)) {
    const openssl::RevocationList list(read);
    ++lists;
    all_signed = all_signed && SignedByOneOf(authorities, list.get());
    const std::string issuer = openssl::Text(X509_CRL_get_issuer(list.get()));
    STACK_OF(X509_REVOKED)* const entries = X509_CRL_get_REVOKED(list.get());
    for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
      const X509_REVOKED* const entry = sk_X509_REVOKED_value(entries, i);
      revocations.revoked_.emplace(issuer, openssl::Hex(X509_REVOKED_get0_serialNumber(entry)));
    }
  }
  // Anything but the end of the text: a list that is being written.
  const unsigned long last = ERR_peek_last_error();
  const bool broken = last != 0 && ERR_GET_REASON(last) != PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (lists == 0 || broken)
    return absl::InvalidArgumentError("there is no list of revoked certificates in it");
  if (!all_signed) {
    return absl::InvalidArgumentError(
        "no authority in ca.crt signed this list of revoked certificates");
  }
  return revocations;
}

}  // namespace firstguess
