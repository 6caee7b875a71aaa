#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace firstguess {

// SHA-256 of `bytes`: 32 raw bytes, and the same in lower-case hexadecimal. Thread-safe.
std::string Sha256(absl::string_view bytes);
std::string Sha256Hex(absl::string_view bytes);

// The SHA-256 of bytes that come in parts. Thread-compatible.
class Sha256Hasher {
 public:
  Sha256Hasher();
  void Add(absl::string_view bytes);
  // In lower-case hexadecimal. Ends the hashing: called once, last.
  std::string Hex();

 private:
  const std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

// The seed of the random stream named `stream` ("init/3/layers.0.weight"): the first 8 bytes,
// big-endian, of SHA-256("firstguess/v1/" + stream), without the top bit. Every random draw that
// decides a trajectory is seeded this way and no other. Stable: pinned by
// tests/common/hash_test.cc.
int64_t StreamSeed(absl::string_view stream);

}  // namespace firstguess
