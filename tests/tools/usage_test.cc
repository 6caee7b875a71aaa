// What the program says before it does anything.

#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/tools/cli_fixture.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;

class UsageTest : public CliFixture {};

TEST_F(UsageTest, ExitCodesAreStable) {
  EXPECT_EQ(kExitDone, 0);
  EXPECT_EQ(kExitFailed, 1);
  EXPECT_EQ(kExitInput, 2);
  EXPECT_EQ(kExitUnreachable, 3);
  EXPECT_EQ(kExitInterrupted, 4);
  EXPECT_EQ(kExitTrialsFailed, 5);
  EXPECT_EQ(kExitRefused, 6);
}

TEST_F(UsageTest, WithoutArgumentsItSaysWhatToDoNext) {
  EXPECT_EQ(Run({}), kExitDone);
  EXPECT_THAT(out_.text, AllOf(HasSubstr("What to do next:\n"), HasSubstr("firstguess run ")));
  EXPECT_THAT(err_.text, IsEmpty());
}

TEST_F(UsageTest, TheVersionIsTold) {
  EXPECT_EQ(Run({"--version"}), kExitDone);
  EXPECT_THAT(out_.text, MatchesRegex("firstguess [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_F(UsageTest, HelpIsAWordToo) {
  EXPECT_EQ(Run({"--help"}), kExitDone);
  const std::string all = out_.Take();
  EXPECT_EQ(Run({"help"}), kExitDone);
  EXPECT_EQ(out_.Take(), all);
  EXPECT_EQ(Run({"help", "watch"}), kExitDone);
  EXPECT_THAT(out_.Take(), HasSubstr("Usage: firstguess watch [NAME] [OPTIONS]"));
  EXPECT_EQ(Run({"help", "wacth"}), kExitInput);
  EXPECT_THAT(LastErrorLine(), HasSubstr("Did you mean 'firstguess watch'?"));
}

TEST_F(UsageTest, AMisspeltCommandGetsASuggestion) {
  for (const auto& [misspelt, meant] : std::vector<std::pair<std::string, std::string>>{
           {"lits", "list"}, {"qurey", "query"}, {"previw", "preview"}, {"summit", "submit"}}) {
    err_.text.clear();
    EXPECT_EQ(Run({misspelt, "--json"}), kExitInput);
    EXPECT_THAT(err_.text,
                StartsWith(absl::StrCat("firstguess: there is no command '", misspelt, "'.\n")));
    EXPECT_THAT(LastErrorLine(), StartsWith(absl::StrCat("Did you mean 'firstguess ", meant, "'")));
  }
}

TEST_F(UsageTest, AWordLikeNoCommandGetsTheWayToTheList) {
  EXPECT_EQ(Run({"elephant"}), kExitInput);
  EXPECT_EQ(LastErrorLine(), "'firstguess --help' lists the commands.");
}

TEST_F(UsageTest, AMisspeltOptionGetsASuggestion) {
  EXPECT_EQ(Run({"run", "sweep.yaml", "--wokers", "2"}), kExitInput);
  EXPECT_EQ(LastErrorLine(),
            "Did you mean '--workers'? 'firstguess run --help' shows how it is used.");
}

TEST_F(UsageTest, AMissingArgumentIsNamedAndTheLastLineLeadsOn) {
  EXPECT_EQ(Run({"show"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("NAME is required"));
  EXPECT_EQ(LastErrorLine(), "'firstguess show --help' shows how it is used.");
}

TEST_F(UsageTest, AValueOutOfItsRangeIsRefused) {
  EXPECT_EQ(Run({"run", "sweep.yaml", "--workers", "0"}), kExitInput);
  EXPECT_EQ(Run({"query", "select 1", "--format", "xml"}), kExitInput);
  EXPECT_EQ(Run({"retry", "first-guess", "--class", "bad luck"}), kExitInput);
}

TEST_F(UsageTest, AFileAndALiveCoordinatorExcludeEachOther) {
  EXPECT_EQ(Run({"list", "--db", "a.db", "--coordinator", "127.0.0.1:1"}), kExitInput);
  EXPECT_EQ(Run({"preview", "a.yaml", "--db", "a.db", "--coordinator", "127.0.0.1:1"}), kExitInput);
}

TEST_F(UsageTest, AClosedPipeEndsWithZero) {
  out_.Close();
  EXPECT_EQ(Run({"--help"}), kExitDone);
  EXPECT_EQ(Run({"elephant"}), kExitDone);
}

// Each command's help, word for word: help/COMMAND.txt is what 'firstguess COMMAND --help' prints.
class HelpTest : public CliFixture, public testing::WithParamInterface<const char*> {
 protected:
  int RunHelp(const std::string& command) {
    std::vector<std::string> words = absl::StrSplit(command, ' ');
    words.push_back("--help");
    return Run(words);
  }
};

TEST_P(HelpTest, TheTextIsTheReviewedOne) {
  const std::string command = GetParam();
  const std::string path = absl::StrCat(FIRSTGUESS_HELP_FOLDER, "/", command, ".txt");
  std::stringstream expected;
  expected << std::ifstream(path).rdbuf();
  EXPECT_EQ(RunHelp(command), kExitDone);
  EXPECT_EQ(out_.text, expected.str()) << "reviewed text: " << path;
}

TEST_P(HelpTest, ItHasExamplesThatNameTheCommandAndAJsonOption) {
  const std::string command = GetParam();
  EXPECT_EQ(RunHelp(command), kExitDone);
  EXPECT_THAT(out_.text, HasSubstr("--json"));
  const std::vector<std::string> parts = absl::StrSplit(out_.text, "Examples:\n");
  ASSERT_EQ(parts.size(), 2);
  EXPECT_THAT(parts[1], StartsWith(absl::StrCat("  firstguess ", command)));
}

INSTANTIATE_TEST_SUITE_P(All, HelpTest,
                         testing::Values("run", "preview", "submit", "list", "show", "watch",
                                         "pause", "resume", "cancel", "retry", "query", "schema",
                                         "report", "plot", "workers", "workers launch", "drain",
                                         "export", "backup", "doctor", "certs", "health", "theory",
                                         "completions"));

TEST_F(UsageTest, TheProgramsOwnHelpNamesEveryCommandAndExitCode) {
  EXPECT_EQ(Run({"--help"}), kExitDone);
  for (const char* word :
       {"run",    "preview", "submit", "list",   "show",   "watch",  "pause",      "resume",
        "cancel", "retry",   "query",  "schema", "report", "plot",   "workers",    "drain",
        "export", "backup",  "doctor", "certs",  "health", "theory", "completions"}) {
    EXPECT_THAT(out_.text, HasSubstr(absl::StrCat("\n  ", word, " ")));
  }
  EXPECT_THAT(out_.text, HasSubstr("6  refused by permission or a limit"));
}

}  // namespace
}  // namespace firstguess
