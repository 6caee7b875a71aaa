#include "common/hash.h"

#include <openssl/evp.h>

#include <array>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace firstguess {

std::string Sha256(absl::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned int size = 0;
  // Fails only where OpenSSL was built without SHA-256 or memory is gone: nothing can go on then.
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1) {
    std::abort();
  }
  return std::string(digest.begin(), digest.begin() + size);
}

std::string Sha256Hex(absl::string_view bytes) { return absl::BytesToHexString(Sha256(bytes)); }

int64_t StreamSeed(absl::string_view stream) {
  const std::string digest = Sha256(absl::StrCat("firstguess/v1/", stream));
  uint64_t seed = 0;
  for (int i = 0; i < 8; ++i) seed = seed << 8 | static_cast<unsigned char>(digest[i]);
  return static_cast<int64_t>(seed & 0x7fffffffffffffffULL);
}

}  // namespace firstguess
