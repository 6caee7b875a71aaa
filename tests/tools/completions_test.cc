// The completion scripts, in the shells themselves.

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/tools/cli_fixture.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class CompletionsTest : public CliFixture {
 protected:
  std::string Script(const std::string& shell) {
    EXPECT_EQ(Run({"completions", shell}), kExitDone) << err_.text;
    return out_.Take();
  }

  // What bash offers for the last of `words`.
  std::vector<std::string> Offered(const std::string& words) {
    const std::string script = WriteFile("completions", Script("bash"));
    const std::string command = absl::StrCat("bash -c '. ", script, "; COMP_WORDS=(", words,
                                             "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
                                             "_firstguess; printf \"%s\\n\" \"${COMPREPLY[@]}\"'");
    FILE* pipe = popen(command.c_str(), "r");
    EXPECT_NE(pipe, nullptr);
    std::string answer;
    char buffer[256];
    while (fgets(buffer, sizeof(buffer), pipe) != nullptr) answer += buffer;
    EXPECT_EQ(pclose(pipe), 0);
    return absl::StrSplit(answer, '\n', absl::SkipEmpty());
  }
};

TEST_F(CompletionsTest, BashCompletesCommandsAndTheirOptions) {
  EXPECT_THAT(Offered("firstguess re"), ElementsAre("resume", "retry", "report"));
  EXPECT_THAT(Offered("firstguess query --"),
              AllOf(Contains("--ask"), Contains("--format"), Not(Contains("--extend"))));
  EXPECT_THAT(Offered("firstguess workers l"), ElementsAre("launch"));
  EXPECT_THAT(Offered("firstguess workers launch --dry"), ElementsAre("--dry-run"));
  EXPECT_THAT(Offered("firstguess run --ex"), ElementsAre("--extend"));
}

TEST_F(CompletionsTest, BashCompletesFilesElsewhere) {
  WriteFile("mine.yaml", "");
  EXPECT_THAT(Offered(absl::StrCat("firstguess run ", Path("mi"))), ElementsAre(Path("mine.yaml")));
}

TEST_F(CompletionsTest, ZshHasTheSameWords) {
  EXPECT_THAT(Script("zsh"), AllOf(HasSubstr("#compdef firstguess"), HasSubstr(" query "),
                                   HasSubstr("query) found=("), HasSubstr("--cookbook")));
}

TEST_F(CompletionsTest, AnotherShellIsRefused) {
  EXPECT_EQ(Run({"completions", "tcsh"}), kExitInput);
}

}  // namespace
}  // namespace firstguess
