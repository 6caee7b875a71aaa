#include "common/certificates/signing.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>

#include "absl/strings/str_cat.h"
#include "common/certificates/openssl.h"

namespace firstguess::signing {
namespace {

constexpr long kVersion3 = 2;
constexpr long kListVersion2 = 1;
constexpr int kSerialBits = 159;  // 20 bytes, positive

struct Authority {
  openssl::Certificate certificate;
  openssl::Key key;
};

absl::StatusOr<Authority> Read(const KeyPair& pair) {
  const openssl::Bio certificate = openssl::ReaderOf(pair.certificate);
  const openssl::Bio key = openssl::ReaderOf(pair.key);
  Authority authority{
      openssl::Certificate(PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr)),
      openssl::Key(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr))};
  if (authority.certificate == nullptr || authority.key == nullptr) {
    return openssl::Error("can't read the authority's certificate and key");
  }
  return authority;
}

bool SetTime(ASN1_TIME* to, absl::Time time) {
  return ASN1_TIME_set(to, absl::ToTimeT(time)) != nullptr;
}

bool SetSerial(X509* certificate) {
  const openssl::Number number(BN_new());
  return BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool SetName(X509_NAME* to, const std::string& name) {
  const auto add = [to](const char* field, const std::string& value) {
    return X509_NAME_add_entry_by_txt(to, field, MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(value.c_str()), -1, -1,
                                      0) == 1;
  };
  return add("O", "firstguess") && add("CN", name);
}

bool AddExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const openssl::Extension extension(X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

std::string CertificateText(X509* certificate) {
  const openssl::Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(out.get(), certificate);
  return openssl::Written(out.get());
}

std::string KeyText(EVP_PKEY* key) {
  const openssl::Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return openssl::Written(out.get());
}

// Everything but the issuer, the extensions and the signature.
bool Begin(X509* certificate, EVP_PKEY* key, absl::Time begins, absl::Time ends) {
  return X509_set_version(certificate, kVersion3) == 1 && SetSerial(certificate) &&
         SetTime(X509_getm_notBefore(certificate), begins) &&
         SetTime(X509_getm_notAfter(certificate), ends) && X509_set_pubkey(certificate, key) == 1;
}

openssl::RevocationList ReadList(absl::string_view pem) {
  const openssl::Bio reader = openssl::ReaderOf(pem);
  return openssl::RevocationList(PEM_read_bio_X509_CRL(reader.get(), nullptr, nullptr, nullptr));
}

bool AddRevoked(X509_CRL* list, const std::string& serial, absl::Time now) {
  BIGNUM* digits = nullptr;
  BN_hex2bn(&digits, serial.c_str());
  const openssl::Number number(digits);
  const openssl::Integer integer(BN_to_ASN1_INTEGER(number.get(), nullptr));
  const std::unique_ptr<ASN1_TIME, openssl::Release<ASN1_TIME_free>> when(
      ASN1_TIME_set(nullptr, absl::ToTimeT(now)));
  X509_REVOKED* const entry = X509_REVOKED_new();
  const bool made = X509_REVOKED_set_serialNumber(entry, integer.get()) == 1 &&
                    X509_REVOKED_set_revocationDate(entry, when.get()) == 1 &&
                    X509_CRL_add0_revoked(list, entry) == 1;
  if (!made) X509_REVOKED_free(entry);
  return made;
}

}  // namespace

absl::StatusOr<KeyPair> MakeAuthority(absl::Time begins, absl::Time ends) {
  const openssl::Key key(EVP_EC_gen("P-256"));
  const openssl::Certificate made(X509_new());
  X509* const certificate = made.get();
  if (key == nullptr || !Begin(certificate, key.get(), begins, ends)) {
    return openssl::Error("can't make a key");
  }
  // Two authorities of one site have two names.
  const std::string serial = openssl::Hex(X509_get0_serialNumber(certificate));
  const bool signed_ =
      SetName(X509_get_subject_name(certificate),
              absl::StrCat("authority ", serial.substr(0, 8))) &&
      X509_set_issuer_name(certificate, X509_get_subject_name(certificate)) == 1 &&
      AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
      AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
      AddExtension(certificate, certificate, NID_subject_key_identifier, "hash") &&
      X509_sign(certificate, key.get(), EVP_sha256()) > 0;
  if (!signed_) return openssl::Error("can't sign the authority's certificate");
  return KeyPair{CertificateText(certificate), KeyText(key.get())};
}

absl::StatusOr<KeyPair> Sign(const Subject& subject, const KeyPair& authority, absl::Time begins,
                             absl::Time ends) {
  const absl::StatusOr<Authority> issuer = Read(authority);
  if (!issuer.ok()) return issuer.status();
  const openssl::Key key(EVP_EC_gen("P-256"));
  const openssl::Certificate made(X509_new());
  X509* const certificate = made.get();
  if (key == nullptr || !Begin(certificate, key.get(), begins, ends)) {
    return openssl::Error("can't make a key");
  }
  X509* const by = issuer->certificate.get();
  const bool signed_ =
      SetName(X509_get_subject_name(certificate), subject.name) &&
      X509_set_issuer_name(certificate, X509_get_subject_name(by)) == 1 &&
      AddExtension(certificate, by, NID_basic_constraints, "critical,CA:FALSE") &&
      AddExtension(certificate, by, NID_key_usage, "critical,digitalSignature") &&
      AddExtension(certificate, by, NID_ext_key_usage,
                   subject.server ? "serverAuth" : "clientAuth") &&
      AddExtension(certificate, by, NID_subject_key_identifier, "hash") &&
      AddExtension(certificate, by, NID_authority_key_identifier, "keyid:always") &&
      AddExtension(certificate, by, NID_subject_alt_name, subject.alternative_names) &&
      X509_sign(certificate, issuer->key.get(), EVP_sha256()) > 0;
  if (!signed_) return openssl::Error("can't sign the certificate");
  return KeyPair{CertificateText(certificate), KeyText(key.get())};
}

absl::StatusOr<std::string> MakeRevocationList(const std::vector<std::string>& serials,
                                               absl::string_view previous, const KeyPair& authority,
                                               absl::Time now) {
  const absl::StatusOr<Authority> issuer = Read(authority);
  if (!issuer.ok()) return issuer.status();
  openssl::RevocationList list = ReadList(previous);
  if (list == nullptr) list.reset(X509_CRL_new());
  X509* const by = issuer->certificate.get();
  const std::unique_ptr<ASN1_TIME, openssl::Release<ASN1_TIME_free>> made(
      ASN1_TIME_set(nullptr, absl::ToTimeT(now)));
  bool good = X509_CRL_set_version(list.get(), kListVersion2) == 1 &&
              X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(by)) == 1 &&
              X509_CRL_set1_lastUpdate(list.get(), made.get()) == 1 &&
              X509_CRL_set1_nextUpdate(list.get(), X509_get0_notAfter(by)) == 1;
  for (const std::string& serial : serials) good = good && AddRevoked(list.get(), serial, now);
  good = good && X509_CRL_sort(list.get()) == 1 &&
         X509_CRL_sign(list.get(), issuer->key.get(), EVP_sha256()) > 0;
  if (!good) return openssl::Error("can't sign the list of revoked certificates");
  const openssl::Bio out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_CRL(out.get(), list.get());
  return openssl::Written(out.get());
}

std::vector<std::string> SerialsIn(absl::string_view list) {
  std::vector<std::string> serials;
  const openssl::RevocationList read = ReadList(list);
  if (read == nullptr) return serials;
  STACK_OF(X509_REVOKED)* const entries = X509_CRL_get_REVOKED(read.get());
  for (int i = 0; i < sk_X509_REVOKED_num(entries); ++i) {
    serials.push_back(
        openssl::Hex(X509_REVOKED_get0_serialNumber(sk_X509_REVOKED_value(entries, i))));
  }
  return serials;
}

}  // namespace firstguess::signing
