// A coordinator on this machine that asks for tokens.

#include <sys/stat.h>

#include <filesystem>

#include "common/hash.h"
#include "gmock/gmock.h"
#include "tests/cluster/security_fixture.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kAnna[] = "0123456789abcdef-anna";
constexpr char kBob[] = "0123456789abcdef-bob";

class TokenAttacks : public SecurityTest {
 protected:
  void SetUp() override {
    Write(TokenLine("viewer", "anna", kAnna) + TokenLine("submitter", "bob", kBob) + "# nobody\n");
    StartPlain("127.0.0.1:0", {.tokens_file = folder("tokens")});
  }
  void Write(const std::string& lines) { WriteFile("tokens", lines); }
  CallerSecurity With(const std::string& token) {
    return {.token_file = WriteFile("token", token + "\n")};
  }
};

TEST_F(TokenAttacks, ATokenOpensWhatItsRoleMayDo) {
  EXPECT_TRUE(List(With(kAnna)).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(Pause(With(kAnna))));
  EXPECT_TRUE(absl::IsNotFound(Pause(With(kBob))));
  EXPECT_TRUE(absl::IsPermissionDenied(Drain(With(kBob))));
}

TEST_F(TokenAttacks, NoTokenAndAWrongOneAreRefused) {
  const absl::Status none = List({});
  EXPECT_TRUE(absl::IsUnauthenticated(none));
  EXPECT_THAT(std::string(none.message()), HasSubstr("--token-file"));
  for (const std::string& wrong :
       {std::string(kAnna) + "x", std::string(kAnna).substr(0, 20), Sha256Hex(kAnna)}) {
    EXPECT_TRUE(absl::IsUnauthenticated(List(With(wrong)))) << wrong;
  }
}

TEST_F(TokenAttacks, ATokenThatIsTakenOutOfTheFileIsRefusedFromTheNextCallOn) {
  EXPECT_TRUE(List(With(kAnna)).ok());
  Write(TokenLine("submitter", "bob", kBob));
  EXPECT_TRUE(absl::IsUnauthenticated(List(With(kAnna))));
  EXPECT_TRUE(List(With(kBob)).ok());
}

TEST_F(TokenAttacks, AFileThatIsGoneOrThatOthersCanReadHasNoTokens) {
  ASSERT_EQ(chmod(folder("tokens").c_str(), 0644), 0);
  EXPECT_TRUE(absl::IsUnauthenticated(List(With(kAnna))));
  Write(TokenLine("viewer", "anna", kAnna));
  EXPECT_TRUE(List(With(kAnna)).ok());
  std::filesystem::remove(folder("tokens"));
  EXPECT_TRUE(absl::IsUnauthenticated(List(With(kAnna))));
}

TEST_F(TokenAttacks, AFileThatIsHalfWrittenLeavesTheTokensOfBefore) {
  Write("viewer anna");
  EXPECT_TRUE(List(With(kAnna)).ok());
  EXPECT_THAT(Logged(), HasSubstr("tokens:1: a line is ROLE NAME DIGEST"));
}

TEST_F(TokenAttacks, NeitherTokensNorTheirDigestsAreLogged) {
  Write(TokenLine("viewer", "anna", kAnna) + absl::StrCat("viewer carol ", kBob, "\n"));
  EXPECT_TRUE(absl::IsPermissionDenied(Pause(With(kAnna))));
  EXPECT_TRUE(absl::IsUnauthenticated(List(With("0123456789abcdef-wrong"))));
  Stop();
  EXPECT_THAT(Logged(), HasSubstr("token:anna"));
  for (const char* secret : {kAnna, kBob, "0123456789abcdef"}) {
    EXPECT_THAT(Logged(), Not(HasSubstr(secret)));
    EXPECT_THAT(Logged(), Not(HasSubstr(Sha256Hex(secret))));
  }
}

TEST_F(TokenAttacks, ACallersTokenFileIsForItsOwnerAlone) {
  const CallerSecurity loose = With(kAnna);
  ASSERT_EQ(chmod(loose.token_file.c_str(), 0640), 0);
  EXPECT_TRUE(absl::IsPermissionDenied(List(loose)));
}

TEST_F(TokenAttacks, ATokenIsNotSentOverANetworkInTheClear) {
  CallerSecurity security = With(kAnna);
  security.insecure_network = true;
  const absl::Status status = MakeChannel("node7:7171", security).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("a token needs --tls"));
}

TEST_F(TokenAttacks, HealthIsForEverybody) {
  EXPECT_EQ(*AskHealth(address(), absl::Minutes(1)), ServerHealth::kServing);
}

// What is audited is what changes something, whether it came to that or not.
TEST_F(TokenAttacks, EachCallThatChangesSomethingIsALineThatSaysWhoDidIt) {
  EXPECT_TRUE(absl::IsNotFound(Pause(With(kBob))));
  EXPECT_TRUE(absl::IsPermissionDenied(Pause(With(kAnna))));
  EXPECT_TRUE(List(With(kAnna)).ok());
  Stop();
  EXPECT_THAT(Logged(), HasSubstr("AUDIT Pause who=token:bob role=submitter from=ipv4:127.0.0.1:"));
  EXPECT_THAT(Logged(), HasSubstr(" of=no-such-sweep outcome=NOT_FOUND\n"));
  EXPECT_THAT(Logged(), HasSubstr("AUDIT refused method=/firstguess.v1.SweepService/Pause "
                                  "who=token:anna role=viewer outcome=PERMISSION_DENIED"));
  EXPECT_THAT(Logged(), Not(HasSubstr("List")));
}

TEST_F(TokenAttacks, WhoIsRefusedAgainAndAgainDoesNotFillTheLog) {
  const auto channel = MakeChannel(address());
  const auto stub = v1::SweepService::NewStub(*channel);
  for (int i = 0; i < 300; ++i) {
    grpc::ClientContext context;
    v1::ListResponse response;
    EXPECT_EQ(stub->List(&context, {}, &response).error_code(), grpc::StatusCode::UNAUTHENTICATED);
  }
  int lines = 0;
  const std::string logged = Logged();
  for (size_t at = logged.find("refused"); at != std::string::npos;
       at = logged.find("refused", at + 1)) {
    ++lines;
  }
  // Each second begins with ten; a machine this slow has other troubles.
  EXPECT_LT(lines, 200);
}

}  // namespace
}  // namespace firstguess
