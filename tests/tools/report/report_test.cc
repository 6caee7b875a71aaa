#include "tools/firstguess/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "common/spec/fields.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/views.h"
#include "nlohmann/json.hpp"
#include "tests/common/temporary_folder.h"
#include "tests/tools/report/sample_database.h"

namespace firstguess {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream content;
  content << file.rdbuf();
  return content.str();
}

class ReportTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(WriteSampleDatabase(Database()), absl::OkStatus()); }

  std::string Database() const { return folder_.File("sample.db"); }
  std::string Output() const { return folder_.File("sample.html"); }

  // The data that the page carries.
  json Report(const std::string& sweep) {
    const absl::Status status =
        WriteReport({.database = Database(), .sweep = sweep, .output = Output()});
    EXPECT_EQ(status, absl::OkStatus());
    const std::string page = ReadFile(Output());
    const std::string marker = "id=\"report-data\">";
    const size_t from = page.find(marker) + marker.size();
    return json::parse(page.substr(from, page.find("</script>", from) - from));
  }

  const TemporaryFolder folder_;
};

TEST_F(ReportTest, FindingsSayWhatTheDatabaseHolds) {
  const absl::StatusOr<std::vector<std::string>> findings = Findings(Database(), "sample");
  ASSERT_TRUE(findings.ok()) << findings.status();
  EXPECT_THAT(
      *findings,
      ElementsAre(
          "13 cells: 11 done (1 diverged), 1 failed, 1 still to come.",
          "Most biased start, depth 6, seed 0: class 9 (Ankle boot) has mean probability 0.900 "
          "before training and is the guess for 90.1 % of the probe examples.",
          "From that very start, after 50 steps with adam, learning rate 0.0005:",
          "  cross-entropy: mean probability of class 9 now 0.105, 10 of 10 classes with recall "
          "above chance, accuracy 0.810.",
          "  blurry, gamma 0.5: mean probability of class 9 now 0.105, 10 of 10 classes with "
          "recall above chance, accuracy 0.810.",
          "  piecewise-zero, cutoff 0.05: diverged at step 20.",
          "Largest guess fraction before training, mean over 4 starts: 0.352 at depth 3, 0.852 at "
          "depth 6."));
}

TEST_F(ReportTest, WithoutANameTakesTheNewestSweep) {
  EXPECT_EQ(Report("")["sweep"]["name"], "sample");
  EXPECT_EQ(Report("older")["sweep"]["name"], "older");
}

TEST_F(ReportTest, CountsAreTheSweepsOwn) {
  const json sweep = Report("sample")["sweep"];
  EXPECT_EQ(sweep["cells"], 13);
  EXPECT_EQ(sweep["done"], 11);
  EXPECT_EQ(sweep["diverged"], 1);
  EXPECT_EQ(sweep["failed"], 1);
  EXPECT_EQ(sweep["pending"], 1);
}

TEST_F(ReportTest, TheFirstGroupIsTheMostBiasedStartWithEachOfItsLosses) {
  const json report = Report("sample");
  EXPECT_EQ(report["axes"][0]["name"], "depth");
  EXPECT_EQ(report["axes"][1]["name"], "seed");
  EXPECT_EQ(report["groups"][0]["axes"], json({1, 0})) << "depth 6, seed 0";
  std::vector<std::string> losses;
  for (const json& trial : report["trials"]) {
    if (trial["group"] != 0) continue;
    losses.push_back(report["treatments"][trial["treatment"].get<size_t>()]["label"]);
    EXPECT_EQ(trial["favoured"], 9);
    EXPECT_EQ(trial["mean_prob"][9][0], 0.9);
    EXPECT_EQ(trial["rank"][9], 0);
  }
  EXPECT_THAT(losses,
              ElementsAre("cross-entropy", "blurry, gamma 0.5", "piecewise-zero, cutoff 0.05"));
}

TEST_F(ReportTest, ADivergedTrialKeepsItsSnapshotsBeforeThat) {
  const json report = Report("sample");
  for (const json& trial : report["trials"]) {
    const json& steps = report["step_sets"][trial["steps"].get<size_t>()];
    if (trial["diverged_at_step"].is_null()) {
      EXPECT_EQ(steps.back(), 50);
    } else {
      EXPECT_EQ(trial["diverged_at_step"], 20);
      EXPECT_LT(steps.back(), 20);
    }
    EXPECT_EQ(trial["mean_prob"][0].size(), steps.size());
  }
}

TEST_F(ReportTest, ProvenanceNamesFailuresAndWhatRan) {
  const json report = Report("sample");
  EXPECT_EQ(report["provenance"]["libraries"], json::array({"libtorch 2.15.0"}));
  EXPECT_EQ(report["provenance"]["devices"], json::array({"cpu"}));
  EXPECT_EQ(report["provenance"]["database"], "sample.db");
  EXPECT_EQ(report["provenance"]["failures"],
            json::array({json::array({"crash: signal 11 <script>", 1})}));
  EXPECT_THAT(report["revisions"][0]["spec"].get<std::string>(), HasSubstr("name: sample"));
}

// A file of the schema's version 1, which lacks the columns of newer fields.
TEST_F(ReportTest, AFileOfAnEarlierVersionIsReportedTheSame) {
  const json now = Report("sample");
  {
    auto database = sqlite::Database::Open(Database(), sqlite::Database::Mode::kReadWrite);
    ASSERT_TRUE(database.ok()) << database.status();
    ASSERT_EQ((*database)->Execute(DropViews()), absl::OkStatus());
    for (const Field& field : TrialFields()) {
      if (!field.is_newer) continue;
      ASSERT_EQ((*database)->Execute(absl::StrCat("ALTER TABLE trial DROP COLUMN ", field.name)),
                absl::OkStatus());
    }
  }
  const json then = Report("sample");
  for (const char* part : {"sweep", "treatments", "axes", "initial", "table", "provenance"}) {
    ASSERT_TRUE(now.contains(part)) << part;
    EXPECT_EQ(then[part], now[part]) << part;
  }
}

TEST_F(ReportTest, UnknownNamesAreAnsweredWithTheKnownOnes) {
  const absl::Status status =
      WriteReport({.database = Database(), .sweep = "smaple", .output = Output()});
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("older, sample"));
  EXPECT_FALSE(std::filesystem::exists(Output()));
}

TEST_F(ReportTest, AMissingDatabaseIsNotCreated) {
  const std::string missing = folder_.File("missing.db");
  EXPECT_EQ(Findings(missing, "").status().code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(missing));
}

TEST_F(ReportTest, AFileThatIsNoDatabaseIsRefused) {
  const std::string other = folder_.File("other.db");
  std::ofstream(other) << "not a database, but long enough to be taken for one at first sight\n";
  const absl::Status status = Findings(other, "").status();
  EXPECT_THAT(status.code(),
              ::testing::AnyOf(absl::StatusCode::kDataLoss, absl::StatusCode::kFailedPrecondition))
      << status;
}

TEST_F(ReportTest, AnOutputThatCanNotBeWrittenIsNamed) {
  const std::string output = folder_.File("missing/sample.html");
  const absl::Status status =
      WriteReport({.database = Database(), .sweep = "sample", .output = output});
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr(output));
}

TEST_F(ReportTest, AFailedReportLeavesTheOldOne) {
  Report("sample");
  const std::string before = ReadFile(Output());
  EXPECT_FALSE(WriteReport({.database = Database(), .sweep = "smaple", .output = Output()}).ok());
  EXPECT_EQ(ReadFile(Output()), before);
}

}  // namespace
}  // namespace firstguess
