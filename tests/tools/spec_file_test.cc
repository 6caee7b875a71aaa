#include "tools/firstguess/spec_file.h"

#include <iostream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "tests/tools/cli_fixture.h"

namespace firstguess {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr char kFiveMistakes[] = R"(name: first-guess
dataset: fashion-mnist
colour: blue
train: {learning_rate: -1, steps: many}
measure: {points: 0}
grid:
  width: [32, 32]
)";

class SpecFileTest : public CliFixture {};

TEST_F(SpecFileTest, FiveMistakesAreFiveLinesWithTheirPlaces) {
  const std::string path = WriteFile("sweep.yaml", kFiveMistakes);
  for (const char* command : {"run", "preview", "submit"}) {
    err_.text.clear();
    EXPECT_EQ(Run({command, path}), kExitInput) << command;
    const std::vector<std::string> lines = absl::StrSplit(err_.text, '\n', absl::SkipEmpty());
    ASSERT_EQ(lines.size(), 7) << err_.text;
    const std::vector<int> expected_lines = {3, 4, 4, 5, 7};
    for (int i = 0; i < 5; ++i) {
      EXPECT_THAT(lines[i], StartsWith(absl::StrCat(path, ":", expected_lines[i], ":")));
    }
    EXPECT_EQ(lines[5], absl::StrCat("firstguess: ", path, " has 5 mistakes."));
    EXPECT_EQ(lines[6], "Correct them and run the same command again.");
  }
}

TEST_F(SpecFileTest, AMissingFileIsNamed) {
  EXPECT_EQ(Run({"preview", Path("missing.yaml")}), kExitInput);
  EXPECT_THAT(err_.text,
              HasSubstr(absl::StrCat(Path("missing.yaml"), " can't be read: No such file")));
}

TEST_F(SpecFileTest, ADashIsStandardInput) {
  std::istringstream good("name: piped\ndataset: fashion-mnist\ntrain: {steps: 5}\ngrid: {}\n");
  std::istringstream bad("name: piped\nstpes: 5\n");
  std::streambuf* const before = std::cin.rdbuf(good.rdbuf());
  EXPECT_EQ(Run({"preview", "-", "--json"}), kExitDone) << err_.text;
  EXPECT_THAT(out_.Take(), HasSubstr("\"name\":\"piped\""));
  std::cin.rdbuf(bad.rdbuf());
  std::cin.clear();
  EXPECT_EQ(Run({"preview", "-"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("standard input:2:1: "));
  std::cin.rdbuf(before);
  std::cin.clear();
}

TEST_F(SpecFileTest, AFolderIsNoSweepFile) {
  EXPECT_EQ(Run({"preview", Path("")}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("can't be read: Is a directory"));
}

TEST_F(SpecFileTest, AFileThatIsTooLongIsRefusedByTheParserAndNotCutOff) {
  const std::string path =
      WriteFile("sweep.yaml",
                absl::StrCat("name: long\ndataset: fashion-mnist\ntrain: {steps: 5}\ngrid: {}\n",
                             std::string(1 << 20, '#')));
  EXPECT_EQ(Run({"preview", path}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("has 1 mistake."));
}

}  // namespace
}  // namespace firstguess
