#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Owners of OpenSSL's objects, and what its functions do not say in C++'s types.
namespace firstguess::openssl {

template <auto release>
struct Release {
  template <typename Object>
  void operator()(Object* object) const {
    release(object);
  }
};

using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Number = std::unique_ptr<BIGNUM, Release<BN_free>>;
using Integer = std::unique_ptr<ASN1_INTEGER, Release<ASN1_INTEGER_free>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using RevocationList = std::unique_ptr<X509_CRL, Release<X509_CRL_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;

// A reader of `text`, which outlives it.
Bio ReaderOf(absl::string_view text);
std::string Written(BIO* bio);

// Internal, with what OpenSSL says of its last error; forgets it.
absl::Status Error(absl::string_view what);

std::string Hex(const ASN1_INTEGER* number);
std::string Text(const X509_NAME* name);
absl::Time ToTime(const ASN1_TIME* time);

}  // namespace firstguess::openssl
