#include "common/notify/run_command.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

bool Never() { return false; }

class RunCommandTest : public ::testing::Test {
 protected:
  void SetUp() override { ::setenv("TEST_FOLDER", folder_.path().c_str(), 1); }

  std::string Text(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(folder_.File(name)).rdbuf();
    return text.str();
  }

  const TemporaryFolder folder_;
};

TEST_F(RunCommandTest, TheFactsAreInItsEnvironment) {
  const EndedSweep sweep = {.name = "first-guess",
                            .revision = 2,
                            .state = "done",
                            .cells = 180,
                            .done = 178,
                            .failed = 2,
                            .diverged = 1,
                            .created_at = 1000,
                            .finished_at = 1012.5};
  ::setenv("FIRSTGUESS_STATE", "of somebody else", 1);
  EXPECT_EQ(RunCommand("env | grep ^FIRSTGUESS_ | grep -v CACHE | sort > $TEST_FOLDER/facts", sweep,
                       Never),
            absl::OkStatus());
  ::unsetenv("FIRSTGUESS_STATE");
  EXPECT_EQ(Text("facts"),
            "FIRSTGUESS_CANCELLED=0\nFIRSTGUESS_CELLS=180\nFIRSTGUESS_CREATED_AT=1000.0\n"
            "FIRSTGUESS_DIVERGED=1\nFIRSTGUESS_DONE=178\nFIRSTGUESS_FAILED=2\n"
            "FIRSTGUESS_FINISHED_AT=1012.5\nFIRSTGUESS_REVISION=2\nFIRSTGUESS_STATE=done\n"
            "FIRSTGUESS_SWEEP=first-guess\nFIRSTGUESS_WALL_SECONDS=12.5\n");
}

TEST_F(RunCommandTest, ANameIsNeverReadAsShell) {
  const std::string name = "'; touch $TEST_FOLDER/broken; $(touch $TEST_FOLDER/broken) \"`ls`";
  EXPECT_EQ(
      RunCommand("printf %s \"$FIRSTGUESS_SWEEP\" > $TEST_FOLDER/name", {.name = name}, Never),
      absl::OkStatus());
  EXPECT_EQ(Text("name"), name);
  EXPECT_FALSE(std::filesystem::exists(folder_.File("broken")));
}

TEST_F(RunCommandTest, ACommandThatFailsIsAnErrorThatSaysHow) {
  EXPECT_THAT(RunCommand("exit 7", {}, Never).ToString(), HasSubstr("ended with code 7"));
  EXPECT_THAT(RunCommand("kill -9 $$", {}, Never).ToString(), HasSubstr("killed by signal 9"));
  EXPECT_THAT(RunCommand("no-such-program-here 2> /dev/null", {}, Never).ToString(),
              HasSubstr("ended with code 127"));
}

TEST_F(RunCommandTest, OneThatTakesTooLongIsKilledWithWhatItStarted) {
  const absl::Status status =
      RunCommand("sleep 1000 & sleep 1000", {}, Never, absl::Milliseconds(1));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
}

TEST_F(RunCommandTest, OnesEndIsNotWaitedForWhenTheProgramStops) {
  const absl::Status status = RunCommand("exec sleep 2", {}, [] { return true; });
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
}

}  // namespace
}  // namespace firstguess
