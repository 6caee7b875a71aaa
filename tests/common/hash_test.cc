#include "common/hash.h"

#include <string>

#include "gtest/gtest.h"

namespace firstguess {
namespace {

// FIPS 180-4 examples.
TEST(Sha256HexTest, KnownVectors) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(Sha256HexTest, HashesBytesAfterNul) {
  EXPECT_NE(Sha256Hex(std::string("a\0b", 3)), Sha256Hex(std::string("a\0c", 3)));
}

TEST(Sha256Test, IsTheRawForm) {
  const std::string raw = Sha256("abc");
  ASSERT_EQ(raw.size(), 32u);
  EXPECT_EQ(static_cast<unsigned char>(raw[0]), 0xba);
  EXPECT_EQ(static_cast<unsigned char>(raw[31]), 0xad);
}

TEST(Sha256HasherTest, PartsHashAsTheWhole) {
  Sha256Hasher nothing;
  EXPECT_EQ(nothing.Hex(), Sha256Hex(""));
  Sha256Hasher parts;
  for (const char* part : {"a", "", "bc"}) parts.Add(part);
  EXPECT_EQ(parts.Hex(), Sha256Hex("abc"));
}

// Computed in Python:
// int.from_bytes(hashlib.sha256(b"firstguess/v1/" + s).digest()[:8], "big") & (2**63 - 1)
TEST(StreamSeedTest, KnownStreams) {
  EXPECT_EQ(StreamSeed("init/0/layers.0.weight"), 2530760249952964160);
  EXPECT_EQ(StreamSeed("batches/0/0"), 8577979268355157517);
  EXPECT_EQ(StreamSeed("probe/0"), 4895914875076408925);
  EXPECT_EQ(StreamSeed("label_noise/7"), 6391498614451819101);
}

TEST(StreamSeedTest, IsNeverNegative) {
  for (int i = 0; i < 200; ++i) EXPECT_GE(StreamSeed(std::to_string(i)), 0) << i;
}

}  // namespace
}  // namespace firstguess
