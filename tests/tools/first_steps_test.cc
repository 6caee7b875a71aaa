#include "tools/firstguess/first_steps.h"

#include "gmock/gmock.h"
#include "tests/tools/cli_fixture.h"
#include "tests/tools/report/sample_database.h"

namespace firstguess {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class FirstStepsTest : public CliFixture {};

TEST_F(FirstStepsTest, InAnEmptyFolderASweepFileIsNext) {
  EXPECT_THAT(FirstSteps(Path("")), AllOf(HasSubstr("firstguess preview SPEC.yaml"),
                                          HasSubstr("firstguess run SPEC.yaml"),
                                          HasSubstr("firstguess --help"), Not(HasSubstr("--db"))));
  EXPECT_THAT(FirstSteps(Path("missing")), HasSubstr("firstguess run SPEC.yaml"));
}

TEST_F(FirstStepsTest, NamesTheDatabaseAndTheSweepFileThatAreThere) {
  WriteFile("notes.yaml", "just: notes\n");
  WriteFile("my sweep.yaml", "name: mine\ngrid: {}\n");
  WriteFile("other.db",
            "no database of ours, though its name says so, and it is long enough for a "
            "header of SQLite's");
  ASSERT_TRUE(WriteSampleDatabase(Path("sample.db")).ok());
  EXPECT_THAT(FirstSteps(Path("")),
              AllOf(HasSubstr("list --db sample.db\n"), HasSubstr("report --db sample.db\n"),
                    HasSubstr("run 'my sweep.yaml'\n"), Not(HasSubstr("notes.yaml")),
                    Not(HasSubstr("other.db"))));
}

}  // namespace
}  // namespace firstguess
