// The commands that read a database file.

#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "nlohmann/json.hpp"
#include "tests/tools/cli_fixture.h"
#include "tests/tools/report/sample_database.h"
#include "tools/firstguess/exit_codes.h"
#include "tools/firstguess/format.h"

namespace firstguess {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// The sample's own sweep (tests/tools/report/sample_database.h): 12 of its cells are trials there.
constexpr char kSample[] = R"(name: sample
dataset: fashion-mnist
train: {optimizer: adam, learning_rate: 0.0005, steps: 50}
measure: {points: 7}
grid:
  depth: [3, 6]
  loss: [cross_entropy, blurry, piecewise_zero]
  seed: [0, 1]
)";

class DatabaseCommandsTest : public CliFixture {
 protected:
  void SetUp() override {
    CliFixture::SetUp();
    database_ = Path("sample.db");
    const absl::Status written = WriteSampleDatabase(database_);
    ASSERT_TRUE(written.ok()) << written;
  }

  int RunOnFile(std::vector<std::string> arguments) {
    arguments.push_back("--db");
    arguments.push_back(database_);
    return Run(arguments);
  }

  std::string database_;
};

TEST_F(DatabaseCommandsTest, ListShowsTheSweepsInTheOrderOfTheirSubmission) {
  EXPECT_EQ(RunOnFile({"list", "--json"}), kExitDone);
  const auto answer = nlohmann::json::parse(out_.text);
  ASSERT_EQ(answer["sweeps"].size(), 2);
  EXPECT_EQ(answer["sweeps"][0]["name"], "older");
  const auto& sample = answer["sweeps"][1];
  EXPECT_EQ(sample["name"], "sample");
  EXPECT_EQ(sample["state"], "running");
  EXPECT_EQ(sample["cells"], 13);
  EXPECT_EQ(sample["done"], 11);
  EXPECT_EQ(sample["failed"], 1);
  EXPECT_EQ(sample["pending"], 1);
  EXPECT_EQ(sample["diverged"], 1);
  EXPECT_TRUE(sample["remaining_seconds"].is_null());
}

TEST_F(DatabaseCommandsTest, ShowTellsNumbersAndFailuresWithTheWorker) {
  EXPECT_EQ(RunOnFile({"show", "sample"}), kExitDone);
  EXPECT_THAT(
      out_.text,
      HasSubstr("trials      11 of 13 trials done, 1 of them diverged, 1 failed, 1 waiting\n"));
  EXPECT_THAT(out_.text, HasSubstr("trials  class  last worker  message\n"
                                   "     1  crash  bench-1      signal 11 <script>\n"
                                   "\nLog of bench-1 before the latest 'signal 11 <script>':\n"
                                   "  loading\n  out of luck\n"));
}

TEST_F(DatabaseCommandsTest, AnUnknownSweepIsAnsweredWithThoseThatThereAre) {
  EXPECT_EQ(RunOnFile({"show", "simple"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("has no sweep named 'simple'; it has older, sample"));
  EXPECT_EQ(LastErrorLine(), absl::StrCat("List them: firstguess list --db ", database_));
}

TEST_F(DatabaseCommandsTest, QueryAnswersInEveryFormat) {
  const std::string sql =
      "select status, count(*) as trials, max(diverged_at_step) as step, 'a,\"b\"' as text, 0.1 as "
      "x "
      "from trial group by status order by status";
  EXPECT_EQ(RunOnFile({"query", sql}), kExitDone);
  EXPECT_EQ(out_.Take(),
            "status  trials  step  text     x\n"
            "done        12    20  a,\"b\"  0.1\n"
            "failed       1        a,\"b\"  0.1\n"
            "(2 rows)\n");
  EXPECT_EQ(RunOnFile({"query", sql, "--format", "csv"}), kExitDone);
  EXPECT_EQ(out_.Take(),
            "status,trials,step,text,x\n"
            "done,12,20,\"a,\"\"b\"\"\",0.1\n"
            "failed,1,,\"a,\"\"b\"\"\",0.1\n");
  EXPECT_EQ(RunOnFile({"query", sql, "--format", "jsonl"}), kExitDone);
  EXPECT_EQ(
      out_.Take(),
      "{\"status\":\"done\",\"trials\":12,\"step\":20,\"text\":\"a,\\\"b\\\"\",\"x\":0.1}\n"
      "{\"status\":\"failed\",\"trials\":1,\"step\":null,\"text\":\"a,\\\"b\\\"\",\"x\":0.1}\n");
}

TEST_F(DatabaseCommandsTest, AWrongQueryQuotesSqliteAndLeadsToTheSchema) {
  EXPECT_EQ(RunOnFile({"query", "select widht from trial"}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("no such column: widht"));
  EXPECT_THAT(LastErrorLine(), HasSubstr("Did you mean 'width'? Columns of trial: "));
}

TEST_F(DatabaseCommandsTest, AQueryCannotChangeAnything) {
  for (const char* sql : {"delete from trial", "drop table trial", "attach 'x.db' as x",
                          "insert into cell values (1, 1, 1, 1, 1)"}) {
    EXPECT_EQ(RunOnFile({"query", sql}), kExitRefused) << sql;
    EXPECT_THAT(err_.text, HasSubstr("may only read"));
  }
  out_.Take();
  EXPECT_EQ(RunOnFile({"query", "select count(*) from trial", "--format", "csv"}), kExitDone);
  EXPECT_EQ(out_.text, "count(*)\n13\n");
}

TEST_F(DatabaseCommandsTest, PreviewCountsWhatIsKnownAndUsesWhatWasMeasured) {
  const std::string spec = WriteFile("sample.yaml", kSample);
  EXPECT_EQ(RunOnFile({"preview", spec, "--json"}), kExitDone) << err_.text;
  auto answer = nlohmann::json::parse(out_.Take());
  EXPECT_EQ(answer["cells"], 12);
  EXPECT_EQ(answer["trials_known"], 12);
  EXPECT_EQ(answer["trials_new"], 0);
  EXPECT_EQ(answer["packs"], 0);
  EXPECT_TRUE(answer["known_is_exact"]);

  // Eight more seeds of a shape that took half a second each.
  const std::string wider =
      WriteFile("wider.yaml",
                "name: wider\ndataset: fashion-mnist\n"
                "train: {optimizer: adam, learning_rate: 0.0005, steps: 50}\n"
                "measure: {points: 7}\ngrid:\n  depth: [3]\n  seed: {range: [0, 9]}\n");
  EXPECT_EQ(RunOnFile({"preview", wider, "--json"}), kExitDone) << err_.text;
  answer = nlohmann::json::parse(out_.Take());
  EXPECT_EQ(answer["trials_known"], 2);
  EXPECT_EQ(answer["trials_new"], 8);
  EXPECT_EQ(answer["packs"], 1);
  EXPECT_EQ(answer["already_there"], "");
  EXPECT_THAT(answer["basis"].get<std::string>(), HasSubstr("at the speed of the trials in the"));
  const double workers = std::stod(answer["basis"].get<std::string>().substr(5));
  EXPECT_DOUBLE_EQ(answer["seconds"].get<double>() * workers, 8 * 0.5);
}

TEST_F(DatabaseCommandsTest, PreviewSaysWhatHasTheNameAlready) {
  EXPECT_EQ(RunOnFile({"preview", WriteFile("sample.yaml", kSample)}), kExitDone);
  EXPECT_THAT(out_.Take(), HasSubstr("this sweep was submitted before: 11 of 13 trials done"));
  const std::string other = WriteFile(
      "other.yaml", "name: sample\ndataset: fashion-mnist\ntrain: {steps: 5}\ngrid: {}\n");
  EXPECT_EQ(RunOnFile({"preview", other}), kExitDone);
  EXPECT_THAT(out_.Take(), HasSubstr("revision 1 is there with another spec; with --extend: "));
}

TEST_F(DatabaseCommandsTest, PreviewDrawsTheGrid) {
  const std::string spec =
      WriteFile("shape.yaml",
                "name: shape\ndataset: fashion-mnist\ntrain: {steps: 5}\ngrid:\n"
                "  width: [32, 64]\n  loss: [cross_entropy, {blurry: {gamma: [0.3, 0.5]}}]\n"
                "  zip: {depth: [1, 2], init_scale: [1, 0.5]}\n  seed: {range: [0, 99]}\n");
  EXPECT_EQ(Run({"preview", spec, "--db", database_}), kExitDone) << err_.text;
  EXPECT_THAT(out_.Take(), testing::StartsWith(
                               "axis                size                        values\n"
                               "width                  2  ##                    32, 64\n"
                               "loss                   3  ###                   cross_entropy, "
                               "blurry(gamma=0.3, gradient=detached), blurry(gamma=0.5, "
                               "gradient=detached)\n"
                               "depth + init_scale     2  ##                    1, 2 with 1, 0.5\n"
                               "seed                 100  ###################>  0, 1, \u2026 99\n"
                               "2 x 3 x 2 x 100 = 1\u202f200 cells\n\n"
                               "sweep     shape\n"));
  EXPECT_EQ(Run({"preview", spec, "--db", database_, "--json"}), kExitDone);
  const auto answer = nlohmann::json::parse(out_.Take());
  EXPECT_EQ(answer["grids"][0]["cells"], 1200);
  EXPECT_EQ(answer["grids"][0]["axes"][2]["fields"], nlohmann::json({"depth", "init_scale"}));
  EXPECT_EQ(answer["grids"][0]["axes"][3]["last"], nlohmann::json({"99"}));
  EXPECT_EQ(answer["warnings"], nlohmann::json::array());

  // No line is wider than a narrow terminal.
  out_.terminal_width = 40;
  EXPECT_EQ(Run({"preview", spec, "--db", database_}), kExitDone);
  for (const auto line : absl::StrSplit(out_.text, '\n')) {
    EXPECT_LE(DisplayWidth(line), 40) << line;
  }
}

TEST_F(DatabaseCommandsTest, PreviewWarnsOfMoreThanAHundredThousandTrials) {
  for (const int64_t last : {99'999, 100'000}) {
    const std::string spec =
        WriteFile("many.yaml", absl::StrCat("name: many", ::getpid(),
                                            "\ndataset: fashion-mnist\ntrain: {steps: 5}\ngrid: "
                                            "{seed: {range: [0, ",
                                            last, "]}}\n"));
    EXPECT_EQ(Run({"preview", spec}), kExitDone) << err_.text;
    EXPECT_EQ(absl::StrContains(out_.Take(),
                                "warning   100\u202f001 trials are to be trained. To "
                                "take some of the grid, add 'sample: {count: 1000}'"),
              last == 100'000);
  }
}

TEST_F(DatabaseCommandsTest, PreviewNeedsNoDatabase) {
  const std::string spec =
      WriteFile("new.yaml", absl::StrCat("name: n", ::getpid(),
                                         "\ndataset: fashion-mnist\ntrain: {steps: 5}\ngrid: "
                                         "{seed: {range: [0, 1999]}}\n"));
  EXPECT_EQ(Run({"preview", spec}), kExitDone) << err_.text;
  EXPECT_THAT(out_.text, HasSubstr("cells     2\u202f000\n"));
  EXPECT_THAT(out_.text, HasSubstr("trials    2\u202f000 new, 0 known already\n"));
  EXPECT_THAT(out_.text, HasSubstr("roughly: at 20 GFLOP/s each, before anything was measured"));
}

TEST_F(DatabaseCommandsTest, ReportWritesWhereItIsTold) {
  EXPECT_EQ(RunOnFile({"report", "--sweep", "older", "--output", Path("older.html")}), kExitDone);
  EXPECT_EQ(out_.Take(), absl::StrCat("Report: ", Path("older.html"), "\n"));
  EXPECT_TRUE(std::filesystem::exists(Path("older.html")));
  EXPECT_EQ(RunOnFile({"report"}), kExitDone);
  EXPECT_TRUE(std::filesystem::exists(Path("sample.html")));
}

TEST_F(DatabaseCommandsTest, AMissingFileIsNamedAndNotMade) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{"list"},
                                             {"show", "a"},
                                             {"query", "select 1"},
                                             {"report"},
                                             {"preview", WriteFile("sample.yaml", kSample)}}) {
    std::vector<std::string> with_file = arguments;
    with_file.insert(with_file.end(), {"--db", Path("missing.db")});
    err_.text.clear();
    EXPECT_EQ(Run(with_file), kExitInput) << arguments[0];
    EXPECT_THAT(err_.text, HasSubstr(Path("missing.db"))) << arguments[0];
    EXPECT_FALSE(std::filesystem::exists(Path("missing.db")));
  }
}

TEST_F(DatabaseCommandsTest, OtherFilesAreRefusedInWords) {
  WriteFile("notes.db", "these are my notes, and they are long enough to be looked at as a header");
  EXPECT_EQ(Run({"list", "--db", Path("notes.db")}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("not a database"));

  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(Path("other.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "create table t (x)", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  err_.text.clear();
  EXPECT_EQ(Run({"list", "--db", Path("other.db")}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("is a database, but not one of firstguess"));
}

TEST_F(DatabaseCommandsTest, AFileOfALaterVersionIsRefusedInWords) {
  sqlite3* file = nullptr;
  ASSERT_EQ(sqlite3_open(database_.c_str(), &file), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(file, "pragma user_version = 1000", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(file);
  const std::string spec = WriteFile("sample.yaml", kSample);
  EXPECT_EQ(RunOnFile({"run", spec}), kExitInput);
  EXPECT_THAT(err_.text, HasSubstr("1000"));
  EXPECT_THAT(LastErrorLine(), HasSubstr("later version"));
  // Columns are only ever added, so it can be read.
  EXPECT_EQ(RunOnFile({"list"}), kExitDone);
}

TEST_F(DatabaseCommandsTest, AClosedPipeEndsAQueryWithZero) {
  out_.Close();
  EXPECT_EQ(RunOnFile({"query", "select * from class_snapshot"}), kExitDone);
  EXPECT_THAT(err_.text, IsEmpty());
}

}  // namespace
}  // namespace firstguess
