// 'firstguess export' under way: what it keeps, goes on with and refuses. What the formats hold is
// formats_test.py.

#include "tools/firstguess/export/export.h"

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>

#include "coordinator/store/sqlite/database.h"
#include "gmock/gmock.h"
#include "tests/common/temporary_folder.h"
#include "tests/tools/report/sample_database.h"

namespace firstguess {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// The sample has 12 done trials and a failed one.
constexpr int64_t kDone = 12;

class ExportTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    sample_ = new TemporaryFolder;
    const absl::Status written = WriteSampleDatabase(sample_->File("sample.db"));
    ASSERT_TRUE(written.ok()) << written;
  }
  static void TearDownTestSuite() { delete sample_; }

  void SetUp() override {
    options_.database = folder_.File("sample.db");
    options_.folder = folder_.File("out");
    options_.version = "1.2.3";
    options_.request = {
        .format = "csv", .sweep = "", .tables = {"trial", "snapshot"}, .trials_per_file = 100};
    options_.progress = [](absl::string_view, int64_t, int64_t) { return true; };
    std::filesystem::copy_file(sample_->File("sample.db"), options_.database);
  }

  ExportOutcome ExportAll() {
    absl::StatusOr<ExportOutcome> outcome = Export(options_);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.ok() ? *std::move(outcome) : ExportOutcome();
  }

  // Ends as a stopped one does when it comes to `table`.
  void ExportUpTo(const std::string& table) {
    ExportOptions options = options_;
    options.progress = [table](absl::string_view at, int64_t trials, int64_t) {
      return at != table || trials == 0;
    };
    EXPECT_EQ(Export(options).status().code(), absl::StatusCode::kCancelled);
  }

  // The trial that failed is done, as a retry could have left it.
  void OneMoreTrialIsDone() {
    auto database = sqlite::Database::Open(options_.database, sqlite::Database::Mode::kReadWrite);
    ASSERT_TRUE(database.ok()) << database.status();
    const absl::Status status =
        (*database)->Execute("UPDATE trial SET status = 'done' WHERE status = 'failed'");
    ASSERT_TRUE(status.ok()) << status;
  }

  std::set<std::string> Files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(options_.folder)) {
      names.insert(entry.path().filename().string());
    }
    return names;
  }

  std::string Read(const std::string& name) const {
    std::ifstream file(options_.folder + "/" + name);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

  static inline TemporaryFolder* sample_ = nullptr;  // with the file that each test has a copy of
  TemporaryFolder folder_;
  ExportOptions options_;
};

TEST_F(ExportTest, TheManifestSaysWhatIsThereAndOutOfWhat) {
  EXPECT_EQ(ExportAll().kept_files, 0);
  EXPECT_THAT(Files(), ElementsAre("manifest.json", "snapshot.csv", "trial.csv"));
  const absl::StatusOr<Manifest> manifest = ManifestFromJson(Read("manifest.json"));
  ASSERT_TRUE(manifest.ok()) << manifest.status();
  EXPECT_EQ(manifest->version, "1.2.3");
  EXPECT_EQ(manifest->trials.count(), kDone);
  EXPECT_THAT(manifest->sweeps, SizeIs(2));
  EXPECT_THAT(manifest->sweeps.at(1).at("revisions").at(0).at("spec").get<std::string>(),
              HasSubstr("name: sample"));
  ASSERT_THAT(manifest->files, SizeIs(2));
  EXPECT_EQ(manifest->files[0].rows, kDone);
  EXPECT_EQ(manifest->files[0].fingerprint.bytes, static_cast<int64_t>(Read("trial.csv").size()));
}

TEST_F(ExportTest, OnlyTheSweepsTrialsAreInItsExport) {
  options_.request.sweep = "older";
  options_.request.tables = {"trial", "trajectory"};
  EXPECT_EQ(ExportAll().manifest.trials.runs(), (std::vector<TrialSet::Run>{{1, 1}}));
  EXPECT_THAT(Read("trajectory.csv"), Not(HasSubstr("\nsample,")));
}

TEST_F(ExportTest, WithoutTablesItIsAllThatWasMeasured) {
  options_.request.tables.clear();
  ExportAll();
  // No trial of the sample measured groups.
  EXPECT_THAT(Files(), ElementsAre("class_snapshot.csv", "manifest.json", "snapshot.csv",
                                   "trial.csv", "trial_class.csv"));
}

TEST_F(ExportTest, ATableThatIsNamedTwiceIsWrittenOnce) {
  options_.request.tables = {"trial", "trial"};
  EXPECT_THAT(ExportAll().manifest.files, SizeIs(1));
}

TEST_F(ExportTest, AnInterruptedOneGoesOnForTheTrialsThatItWasBegunWith) {
  ExportUpTo("snapshot");
  EXPECT_THAT(Files(), ElementsAre("manifest.json.part", "trial.csv"));
  OneMoreTrialIsDone();
  const ExportOutcome outcome = ExportAll();
  EXPECT_EQ(outcome.kept_files, 1);
  EXPECT_EQ(outcome.manifest.trials.count(), kDone);
  EXPECT_THAT(Files(), ElementsAre("manifest.json", "snapshot.csv", "trial.csv"));
}

TEST_F(ExportTest, ARepeatedOneChangesNothing) {
  ExportAll();
  const std::string manifest = Read("manifest.json");
  EXPECT_EQ(ExportAll().kept_files, 2);
  EXPECT_EQ(Read("manifest.json"), manifest);
}

TEST_F(ExportTest, AGrownDatabaseNeedsOnlyTheLastFilesAnew) {
  options_.request.trials_per_file = 5;
  ExportAll();
  OneMoreTrialIsDone();
  const ExportOutcome outcome = ExportAll();
  EXPECT_EQ(outcome.manifest.trials.count(), kDone + 1);
  EXPECT_THAT(outcome.manifest.files, SizeIs(6));
  EXPECT_EQ(outcome.kept_files, 4);
}

TEST_F(ExportTest, FilesThatItHasNoMoreAreRemoved) {
  options_.request.trials_per_file = kDone;
  ExportAll();
  EXPECT_THAT(Files(), Contains("trial.csv"));
  OneMoreTrialIsDone();
  ExportAll();
  EXPECT_THAT(Files(), ElementsAre("manifest.json", "snapshot-00001.csv", "snapshot-00002.csv",
                                   "trial-00001.csv", "trial-00002.csv"));
}

TEST_F(ExportTest, InterruptedAmidAReplacementItStillKnowsItsFiles) {
  ExportAll();
  OneMoreTrialIsDone();
  ExportUpTo("trial");
  EXPECT_THAT(Files(), Contains("manifest.json.part"));
  EXPECT_EQ(ExportAll().manifest.trials.count(), kDone + 1);
}

TEST_F(ExportTest, AFileThatWasChangedIsWrittenAnew) {
  ExportAll();
  const std::string content = Read("trial.csv");
  std::ofstream(options_.folder + "/trial.csv") << "mine";
  EXPECT_EQ(ExportAll().kept_files, 1);
  EXPECT_EQ(Read("trial.csv"), content);
}

TEST_F(ExportTest, AFileOfSomebodyElseIsNotReplaced) {
  std::filesystem::create_directory(options_.folder);
  std::ofstream(options_.folder + "/trial.csv") << "mine";
  const absl::Status status = Export(options_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << status;
  EXPECT_EQ(Read("trial.csv"), "mine");
}

TEST_F(ExportTest, AFolderWithAnotherExportIsRefused) {
  ExportAll();
  options_.request.tables = {"trial"};
  EXPECT_EQ(Export(options_).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(ExportTest, AFolderWithAnotherDatabasesExportIsRefused) {
  ExportAll();
  auto database = sqlite::Database::Open(options_.database, sqlite::Database::Mode::kReadWrite);
  ASSERT_TRUE(database.ok()) << database.status();
  ASSERT_TRUE((*database)->Execute("UPDATE sweep SET created_at = created_at + 1").ok());
  EXPECT_EQ(Export(options_).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(ExportTest, AManifestThatIsNoneIsLeftAlone) {
  std::filesystem::create_directory(options_.folder);
  std::ofstream(options_.folder + "/manifest.json") << "mine";
  EXPECT_EQ(Export(options_).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(Read("manifest.json"), "mine");
}

TEST_F(ExportTest, WhatHasNoTrialsIsNoTableOfIt) {
  for (const char* table : {"sweep", "trails", "progress", "sqlite_schema"}) {
    options_.request.tables = {table};
    const absl::Status status = Export(options_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("class_snapshot"));
  }
}

TEST_F(ExportTest, AnUnknownSweepIsNamed) {
  options_.request.sweep = "missing";
  EXPECT_EQ(Export(options_).status().code(), absl::StatusCode::kInvalidArgument);
}

// A reader would keep the write-ahead log from being emptied.
TEST_F(ExportTest, NoTransactionIsOpenBetweenItsParts) {
  auto writer = sqlite::Database::Open(options_.database, sqlite::Database::Mode::kReadWrite);
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE((*writer)->Execute("UPDATE trial SET attempts = attempts + 1").ok());
  int times = 0;
  options_.progress = [&](absl::string_view, int64_t, int64_t) {
    const absl::StatusOr<int64_t> busy = (*writer)->QueryInteger("PRAGMA wal_checkpoint(TRUNCATE)");
    EXPECT_TRUE(busy.ok() && *busy == 0) << busy.status();
    ++times;
    return true;
  };
  ExportAll();
  EXPECT_GE(times, 3);
}

TEST(TrialSetTest, NeighboursAreOneRun) {
  TrialSet trials;
  for (const int64_t id : {1, 2, 3, 7, 9, 10}) trials.Add(id);
  EXPECT_EQ(trials.runs(), (std::vector<TrialSet::Run>{{1, 3}, {7, 7}, {9, 10}}));
  EXPECT_EQ(trials.count(), 6);
}

TEST(TrialSetTest, PartsHaveAllTrialsOnceAndInOrder) {
  TrialSet trials;
  for (const int64_t id : {1, 2, 3, 7, 9}) trials.Add(id);
  const std::vector<TrialSet> parts = trials.Split(2);
  ASSERT_THAT(parts, SizeIs(3));
  EXPECT_EQ(parts[0].runs(), (std::vector<TrialSet::Run>{{1, 2}}));
  EXPECT_EQ(parts[1].runs(), (std::vector<TrialSet::Run>{{3, 3}, {7, 7}}));
  EXPECT_EQ(parts[2].runs(), (std::vector<TrialSet::Run>{{9, 9}}));
}

TEST(TrialSetTest, NoTrialsAreOneEmptyPart) {
  ASSERT_THAT(TrialSet().Split(2), SizeIs(1));
  EXPECT_THAT(TrialSet().Split(2)[0].runs(), IsEmpty());
}

TEST(ManifestTest, WhatIsNotOneIsRefused) {
  for (const char* text : {"", "{}", "[]", R"({"format_version": 2})"}) {
    EXPECT_EQ(ManifestFromJson(text).status().code(), absl::StatusCode::kDataLoss) << text;
  }
}

}  // namespace
}  // namespace firstguess
