// 'firstguess export'. What it writes is tests/tools/export.

#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/tools/cli_fixture.h"
#include "tests/tools/report/sample_database.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class ExportCommandTest : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    database_ = Path("sample.db");
    folder_ = Path("out");
    const absl::Status written = WriteSampleDatabase(database_);
    ASSERT_TRUE(written.ok()) << written;
  }

  int Export(std::vector<std::string> more) {
    std::vector<std::string> arguments = {"export", "--db", database_, "--to", folder_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(arguments);
  }

  std::string database_;
  std::string folder_;
};

TEST_F(ExportCommandTest, SaysWhatItWroteAndThenThatNothingHasChanged) {
  EXPECT_EQ(Export({}), kExitDone) << err_.text;
  EXPECT_THAT(out_.Take(), AllOf(HasSubstr("class_snapshot.csv"),
                                 HasSubstr("Export: 12 done trials in " + folder_)));
  EXPECT_EQ(Export({}), kExitDone) << err_.text;
  EXPECT_THAT(out_.Take(), HasSubstr("; nothing had changed\n"));
  // Nobody watches, so no progress is shown.
  EXPECT_THAT(err_.text, IsEmpty());
}

TEST_F(ExportCommandTest, SaysInJsonWhatItWrote) {
  EXPECT_EQ(Export({"--format", "npz", "--sweep", "older", "--table", "snapshot", "--json"}),
            kExitDone)
      << err_.text;
  const auto answer = nlohmann::json::parse(out_.text);
  EXPECT_EQ(answer["manifest"], folder_ + "/manifest.json");
  EXPECT_EQ(answer["trials"], 1);
  ASSERT_EQ(answer["files"].size(), 1);
  EXPECT_EQ(answer["files"][0]["file"], folder_ + "/snapshot.npz");
  EXPECT_EQ(answer["files"][0]["rows"], 8);
  EXPECT_EQ(answer["files"][0]["bytes"], std::filesystem::file_size(folder_ + "/snapshot.npz"));
}

TEST_F(ExportCommandTest, SaysWhatToDoAboutAWrongName) {
  EXPECT_EQ(Export({"--table", "trajectori"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("did you mean `trajectory`"));
  err_.text.clear();
  EXPECT_EQ(Export({"--sweep", "samples"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("no sweep named 'samples'"));
}

TEST_F(ExportCommandTest, SaysWhatToDoAboutAnotherExportInTheFolder) {
  EXPECT_EQ(Export({}), kExitDone);
  EXPECT_EQ(Export({"--format", "jsonl"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("holds an export"));
  EXPECT_EQ(LastErrorLine(), "Name another folder with --to, or remove that one.");
}

TEST_F(ExportCommandTest, NamesAMissingDatabase) {
  EXPECT_EQ(Run({"export", "--db", Path("missing.db"), "--to", folder_}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr(Path("missing.db")));
  EXPECT_FALSE(std::filesystem::exists(folder_));
}

}  // namespace
}  // namespace firstguess
