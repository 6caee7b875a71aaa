#include "coordinator/service/authenticator.h"

#include <sys/stat.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/certificates/signing.h"
#include "common/clock.h"
#include "common/hash.h"
#include "gmock/gmock.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

constexpr char kToken[] = "0123456789abcdef";
constexpr char kListMethod[] = "/firstguess.v1.SweepService/List";

class AuthenticatorTest : public ::testing::Test {
 protected:
  AuthenticatorTest() : now_(RealClock()->WallNow()) {
    ca_ = *signing::MakeAuthority(now_ - absl::Hours(24), now_ + absl::Hours(24));
    Write("ca.crt", ca_.certificate);
    Write("tokens", absl::StrCat("submitter anna ", Sha256Hex(kToken), " # of the desk\n"));
  }
  void Write(const std::string& name, const std::string& content) {
    std::ofstream(folder_.File(name)) << content;
    chmod(folder_.File(name).c_str(), 0600);
  }
  // PEM.
  std::string Certificate(const std::string& alternative_names,
                          absl::Duration left = absl::Hours(1)) {
    return signing::Sign({.name = "node1", .alternative_names = alternative_names}, ca_,
                         now_ - absl::Hours(2), now_ + left)
        ->certificate;
  }
  std::unique_ptr<Authenticator> Make(bool tokens) {
    auto made = Authenticator::Make(
        {.tokens_file = tokens ? folder_.File("tokens") : "", .tls_folder = folder_.path()});
    EXPECT_TRUE(made.ok()) << made.status();
    return *std::move(made);
  }

  const absl::Time now_;
  TemporaryFolder folder_;
  signing::KeyPair ca_;
};

TEST_F(AuthenticatorTest, ACertificatesRoleComesBeforeAToken) {
  const std::string pem = Certificate("URI:urn:firstguess:role:worker");
  const auto caller =
      Make(true)->Identify({.authorization = absl::StrCat("Bearer ", kToken), .certificate = pem});
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->name, "certificate:node1");
  EXPECT_EQ(caller->role, Role::kWorker);
}

TEST_F(AuthenticatorTest, ACertificateWithoutARoleNeedsAToken) {
  const std::string pem = Certificate("DNS:node1");
  EXPECT_TRUE(absl::IsPermissionDenied(Make(false)->Identify({.certificate = pem}).status()));
  EXPECT_TRUE(absl::IsUnauthenticated(Make(true)->Identify({.certificate = pem}).status()));
  const auto caller =
      Make(true)->Identify({.authorization = absl::StrCat("Bearer ", kToken), .certificate = pem});
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->name, "token:anna");
}

TEST_F(AuthenticatorTest, ACertificateWithTwoRolesOrAnUnknownOneMayDoNothing) {
  for (const char* names : {"URI:urn:firstguess:role:viewer,URI:urn:firstguess:role:admin",
                            "URI:urn:firstguess:role:root",
                            "URI:urn:firstguess:role:", "URI:urn:firstguess:role:coordinator"}) {
    const std::string pem = Certificate(names);
    EXPECT_TRUE(absl::IsPermissionDenied(
        Make(true)
            ->Identify({.authorization = absl::StrCat("Bearer ", kToken), .certificate = pem})
            .status()))
        << names;
  }
}

// The connection was made while it was valid.
TEST_F(AuthenticatorTest, ACertificateThatExpiresOnAnOpenConnectionIsRefused) {
  const std::string pem = Certificate("URI:urn:firstguess:role:worker", -absl::Minutes(1));
  const absl::Status status = Make(false)->Identify({.certificate = pem}).status();
  EXPECT_TRUE(absl::IsUnauthenticated(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("has expired"));
}

TEST_F(AuthenticatorTest, WhatIsNoBearerTokenIsRefused) {
  const auto authenticator = Make(true);
  for (const std::string& header :
       {std::string(""), std::string("Bearer "), std::string(kToken),
        absl::StrCat("Basic ", kToken), absl::StrCat("bearer ", kToken),
        absl::StrCat("Bearer ", kToken, "0"), absl::StrCat("Bearer ", Sha256Hex(kToken))}) {
    EXPECT_TRUE(
        absl::IsUnauthenticated(authenticator->Identify({.authorization = header}).status()))
        << header;
  }
}

TEST_F(AuthenticatorTest, AUserWhomTheKernelNamesHasTheRoleThatItWasGiven) {
  const auto authenticator = Make(true);
  const std::string door = Authenticator::DoorOf({.name = "user:alice", .role = Role::kSubmitter});
  const auto caller = authenticator->Identify({.door = door});
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->name, "user:alice");
  EXPECT_EQ(caller->role, Role::kSubmitter);
}

TEST_F(AuthenticatorTest, AUserWithoutARoleNeedsATokenAndIsNobodyWhereThereAreNone) {
  const std::string door = Authenticator::DoorOfStrangers();
  Authenticator open;
  EXPECT_EQ(open.Identify({})->role, Role::kAdmin);
  EXPECT_TRUE(absl::IsPermissionDenied(open.Identify({.door = door}).status()));
  EXPECT_TRUE(absl::IsUnauthenticated(Make(true)->Identify({.door = door}).status()));
  EXPECT_EQ(
      Make(true)->Identify({.authorization = absl::StrCat("Bearer ", kToken), .door = door})->name,
      "token:anna");
}

TEST_F(AuthenticatorTest, ATokensFileThatCanNotBeReadStopsTheStart) {
  const auto start = [this](const std::string& lines) {
    Write("tokens", lines);
    return Authenticator::Make({.tokens_file = folder_.File("tokens")}).status();
  };
  EXPECT_TRUE(start("\n# nobody yet\n").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(start("root anna " + Sha256Hex(kToken))));
  const absl::Status plain = start(absl::StrCat("\nadmin anna ", kToken));
  EXPECT_TRUE(absl::IsInvalidArgument(plain));
  EXPECT_THAT(std::string(plain.message()), HasSubstr("tokens:2: "));
  EXPECT_THAT(std::string(plain.message()), Not(HasSubstr(kToken)));
  chmod(folder_.File("tokens").c_str(), 0640);
  EXPECT_TRUE(absl::IsPermissionDenied(
      Authenticator::Make({.tokens_file = folder_.File("tokens")}).status()));
}

TEST_F(AuthenticatorTest, HealthIsAnsweredToNobodyInParticularAndNothingElse) {
  const auto authenticator = Make(true);
  EXPECT_TRUE(authenticator->Check({.method = "/grpc.health.v1.Health/Check"}).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(authenticator->Check({.method = kListMethod})));
  EXPECT_TRUE(absl::IsUnauthenticated(authenticator->Check({.method = ""})));
}

}  // namespace
}  // namespace firstguess
