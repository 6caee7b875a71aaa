// 'firstguess certs'. What is in a certificate is tests/common/certificates/authority_test.cc.

#include <filesystem>

#include "common/certificates/certificate_files.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/tools/cli_fixture.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

using testing::HasSubstr;

class CertsCommandTest : public CliFixture {
 protected:
  int Certs(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "certs");
    arguments.insert(arguments.end(), {"--ca", Path("ca")});
    return Run(arguments);
  }
  nlohmann::json Json(std::vector<std::string> arguments) {
    arguments.push_back("--json");
    EXPECT_EQ(Certs(std::move(arguments)), kExitDone) << err_.text;
    return nlohmann::json::parse(out_.Take());
  }
};

TEST_F(CertsCommandTest, ACertificatesWayFromInitToRevocation) {
  EXPECT_EQ(Json({"init"})["authority"], Path("ca"));
  const nlohmann::json issued =
      Json({"issue", "node1", "--role", "worker", "--days", "10", "--output", Path("node1")});
  EXPECT_EQ(issued["folder"], Path("node1"));
  EXPECT_EQ(issued["certificates"][0]["state"], "valid");
  for (const char* file : {"tls.crt", "tls.key", "ca.crt", "ca.crl"}) {
    EXPECT_TRUE(std::filesystem::exists(Path("node1") + "/" + file)) << file;
  }
  const nlohmann::json revoked = Json({"revoke", "node1", "--crl", Path("list")});
  EXPECT_EQ(revoked["certificates"][0]["serial"], issued["certificates"][0]["serial"]);
  EXPECT_EQ(*ReadWhole(Path("list")), *ReadWhole(Path("ca") + "/ca.crl"));
  EXPECT_EQ(Json({"list"})["certificates"][0]["state"], "revoked");
  EXPECT_EQ(Certs({"list"}), kExitDone);
  EXPECT_THAT(out_.text, HasSubstr("node1  worker  revoked"));
}

TEST_F(CertsCommandTest, WhatIsMissingIsSaidWithTheNextStep) {
  EXPECT_EQ(Certs({"issue", "node1", "--role", "worker"}), kExitInput);
  EXPECT_THAT(LastErrorLine(), HasSubstr("'firstguess certs init' makes a new authority"));
  EXPECT_EQ(Certs({"init"}), kExitDone);
  EXPECT_EQ(Certs({"init"}), kExitInput);
  EXPECT_EQ(Certs({"issue"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("certs issue needs a NAME"));
  EXPECT_EQ(Certs({"list", "node1"}), kExitInput);
  EXPECT_EQ(Certs({"issue", "node1"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("there is no role \"\""));
  EXPECT_EQ(Certs({"revoke", "node1"}), kExitInput);
}

TEST_F(CertsCommandTest, AKeyThatOthersCanReadIsRefused) {
  EXPECT_EQ(Certs({"init"}), kExitDone);
  std::filesystem::permissions(Path("ca") + "/ca.key", std::filesystem::perms::owner_read |
                                                           std::filesystem::perms::group_read);
  EXPECT_EQ(Certs({"list"}), kExitRefused);
}

}  // namespace
}  // namespace firstguess
