#include "common/certificates/certificate.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>

#include "absl/strings/strip.h"
#include "common/certificates/openssl.h"

namespace firstguess {
namespace {

std::string TextOf(const ASN1_STRING* value) {
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
                     static_cast<size_t>(ASN1_STRING_length(value)));
}

std::string IpAddress(const ASN1_OCTET_STRING* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  const int family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(bytes) != 16) return "";
  inet_ntop(family, ASN1_STRING_get0_data(bytes), text.data(), text.size());
  return text.data();
}

std::string CommonName(const X509* certificate) {
  const X509_NAME* const subject = X509_get_subject_name(certificate);
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) return "";
  return TextOf(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
}

void ReadAlternativeNames(const X509* certificate, CertificateFacts* facts) {
  const std::unique_ptr<GENERAL_NAMES, openssl::Release<GENERAL_NAMES_free>> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_URI) {
      const std::string uri = TextOf(name->d.uniformResourceIdentifier);
      absl::string_view role = uri;
      if (absl::ConsumePrefix(&role, kRoleUri)) facts->roles.emplace_back(role);
    } else if (name->type == GEN_DNS) {
      facts->hosts.push_back(TextOf(name->d.dNSName));
    } else if (name->type == GEN_IPADD) {
      facts->hosts.push_back(IpAddress(name->d.iPAddress));
    }
  }
}

openssl::Certificate Parse(absl::string_view pem) {
  const openssl::Bio reader = openssl::ReaderOf(pem);
  return openssl::Certificate(PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr));
}

}  // namespace

absl::StatusOr<CertificateFacts> ReadCertificate(absl::string_view pem) {
  const openssl::Certificate certificate = Parse(pem);
  ERR_clear_error();
  if (certificate == nullptr) return absl::InvalidArgumentError("there is no certificate in it");
  CertificateFacts facts;
  facts.name = CommonName(certificate.get());
  facts.issuer = openssl::Text(X509_get_issuer_name(certificate.get()));
  facts.serial = openssl::Hex(X509_get0_serialNumber(certificate.get()));
  facts.begins = openssl::ToTime(X509_get0_notBefore(certificate.get()));
  facts.ends = openssl::ToTime(X509_get0_notAfter(certificate.get()));
  ReadAlternativeNames(certificate.get(), &facts);
  return facts;
}

absl::Status CheckKeyOf(absl::string_view certificate_pem, absl::string_view key_pem) {
  const openssl::Certificate certificate = Parse(certificate_pem);
  const openssl::Bio reader = openssl::ReaderOf(key_pem);
  // An encrypted key would have OpenSSL ask for its password.
  const auto no_password = [](char*, int, int, void*) { return 0; };
  const openssl::Key key(PEM_read_bio_PrivateKey(reader.get(), nullptr, no_password, nullptr));
  const bool belongs = certificate != nullptr && key != nullptr &&
                       X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (key == nullptr) return absl::InvalidArgumentError("there is no unencrypted key in it");
  if (!belongs) return absl::InvalidArgumentError("it is the key of another certificate");
  return absl::OkStatus();
}

}  // namespace firstguess
