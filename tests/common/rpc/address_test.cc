#include "common/rpc/address.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

TEST(Address, LoopbackAndUnixSocketsAreReadAndWrittenTheSame) {
  for (const char* text :
       {"127.0.0.1:7171", "127.3.2.1:1", "[::1]:0", "unix:/run/firstguess.sock", "unix:here"}) {
    const absl::StatusOr<Address> address = ParseAddress(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->ToString(), text);
  }
}

TEST(Address, LocalhostIsTheIpv4Loopback) {
  EXPECT_EQ(ParseAddress("localhost:7171")->ToString(), "127.0.0.1:7171");
}

TEST(Address, NamesAndAddressesOfOtherMachinesAreReadAndAreNotLocal) {
  for (const char* text :
       {"0.0.0.0:7171", "10.1.2.3:7171", "[::]:7171", "node7:7171", "a-b.example.org:1"}) {
    const absl::StatusOr<Address> address = ParseAddress(text);
    ASSERT_TRUE(address.ok()) << address.status();
    EXPECT_EQ(address->ToString(), text);
    EXPECT_FALSE(address->is_local()) << text;
  }
  EXPECT_TRUE(ParseAddress("unix:here")->is_local());
  EXPECT_TRUE(ParseAddress("localhost:1")->is_local());
}

TEST(Address, WhereOnlyThisMachineMayComeAnAddressThatOthersReachIsRefusedByName) {
  for (const char* text : {"0.0.0.0:7171", "10.1.2.3:7171", "[::]:7171", "node7:7171"}) {
    const absl::Status status = ParseLocalAddress(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(text));
    EXPECT_THAT(std::string(status.message()), HasSubstr("this machine alone"));
  }
}

TEST(Address, WhatIsNoAddressIsRefusedWithTheForms) {
  for (const char* text :
       {"", "7171", "127.0.0.1", "127.0.0.1:", ":7171", "127.0.0.1:x", "127.0.0.1:65536",
        "::1:7171", "[::1:7171", "unix:", "a b:1", "x/y:1", "dns:///x:1"}) {
    const absl::Status status = ParseAddress(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(status.message()), HasSubstr("HOST:PORT")) << text;
  }
}

TEST(Address, ASocketPathLongerThanTheSystemTakesIsRefused) {
  EXPECT_TRUE(ParseAddress("unix:" + std::string(107, 'a')).ok());
  EXPECT_THAT(std::string(ParseAddress("unix:" + std::string(108, 'a')).status().message()),
              HasSubstr("at most 107 bytes"));
}

}  // namespace
}  // namespace firstguess
