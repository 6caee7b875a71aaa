#include "coordinator/web/web_token.h"

#include <sys/stat.h>

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

class WebTokenTest : public ::testing::Test {
 protected:
  absl::StatusOr<WebToken> Read(const std::string& text, mode_t mode) {
    const std::string path = folder_.File("token");
    std::ofstream(path) << text;
    ::chmod(path.c_str(), mode);
    return WebToken::Read(path);
  }

  TemporaryFolder folder_;
};

TEST_F(WebTokenTest, OnlyTheTokenItselfIsTaken) {
  const absl::StatusOr<WebToken> token = Read("0123456789abcdef\n", 0600);
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_TRUE(token->exists());
  EXPECT_TRUE(token->Check("Bearer 0123456789abcdef").ok());
  for (const char* wrong :
       {"", "Bearer ", "Bearer 0123456789abcde", "Bearer 0123456789abcdeF",
        "Bearer 0123456789abcdef0", "0123456789abcdef", "Basic 0123456789abcdef"}) {
    EXPECT_TRUE(absl::IsUnauthenticated(token->Check(wrong))) << wrong;
  }
}

TEST_F(WebTokenTest, WithoutAFileNothingIsTakenAndItIsSaidHowToHaveOne) {
  const absl::Status status = WebToken().Check("Bearer ");
  EXPECT_TRUE(absl::IsPermissionDenied(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("--web-token-file"));
}

TEST_F(WebTokenTest, AFileThatOthersCanReadIsRefused) {
  for (const mode_t mode : {0644, 0640, 0604, 0620}) {
    const absl::Status status = Read("0123456789abcdef", mode).status();
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << mode;
    EXPECT_THAT(std::string(status.message()), HasSubstr("chmod 600"));
  }
}

TEST_F(WebTokenTest, AShortTokenAndAMissingFileAreRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(Read("short\n", 0600).status()));
  EXPECT_TRUE(absl::IsNotFound(WebToken::Read(folder_.File("none")).status()));
}

}  // namespace
}  // namespace firstguess
