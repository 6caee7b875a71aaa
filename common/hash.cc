#include "common/hash.h"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace firstguess {
namespace {

// OpenSSL's answer is 1. Another comes only where it was built without SHA-256 or memory is gone:
// nothing can go on then.
void MustSucceed(int answer) {
  if (answer != 1) std::abort();
}

}  // namespace

std::string Sha256(absl::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  MustSucceed(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr));
  return std::string(digest.begin(), digest.begin() + size);
}

std::string Sha256Hex(absl::string_view bytes) { return absl::BytesToHexString(Sha256(bytes)); }

Sha256Hasher::Sha256Hasher() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
  MustSucceed(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
}

void Sha256Hasher::Add(absl::string_view bytes) {
  MustSucceed(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
}

std::string Sha256Hasher::Hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  MustSucceed(EVP_DigestFinal_ex(context_.get(), digest.data(), &size));
  return absl::BytesToHexString(std::string(digest.begin(), digest.begin() + size));
}

int64_t StreamSeed(absl::string_view stream) {
  const std::string digest = Sha256(absl::StrCat("firstguess/v1/", stream));
  uint64_t seed = 0;
  for (int i = 0; i < 8; ++i) seed = seed << 8 | static_cast<unsigned char>(digest[i]);
  return static_cast<int64_t>(seed & 0x7fffffffffffffffULL);
}

}  // namespace firstguess
