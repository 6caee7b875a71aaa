// `firstguess run` as a person uses it: the real program, workers and trainer, on real images.

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <regex>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/usable.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/common/temporary_folder.h"
#include "tests/tools/program.h"
#include "tests/worker/trainer/data/npy_files.h"
#include "tools/firstguess/exit_codes.h"
#include "tools/firstguess/private_folder.h"

namespace firstguess {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kSmall[] = R"(name: small
dataset: fashion-mnist
train: {batch_size: 32, steps: 5}
measure: {points: 3, probe_size: 100}
grid:
  width: [4, 8]
  seed: {range: [0, 2]}
)";

// Long enough to be interrupted.
constexpr char kLong[] = R"(name: long
dataset: fashion-mnist
train: {batch_size: 64, steps: 40}
measure: {points: 5, probe_size: 200}
grid:
  width: [16]
  seed: {range: [0, 199]}
pack: {max_trials: 4}
)";

// Needs no files at all.
constexpr char kBlobs[] = R"(name: blobs
dataset: blobs
data_classes: 4
data_dimension: 16
data_train_per_class: 50
data_test_per_class: 25
train: {batch_size: 20, steps: 40}
measure: {points: 2, probe_size: 50}
grid:
  width: [8]
  data_separation: [0, 8]
  class_subset: [[], [1, 3]]
  input_shift: [0, 0.5]
)";

constexpr char kUntrained[] = R"(name: untrained
dataset: gaussian
train: {steps: 0}
measure: {probe_size: 1000}
grid:
  width: [8]
  seed: {range: [0, 9]}
)";

// Of 3 classes.
constexpr char kOwn[] = R"(name: own
dataset: npy/mine
data_classes: 3
train: {batch_size: 4, steps: 40}
measure: {points: 2, probe_size: 9}
grid:
  width: [8]
  seed: {range: [0, 1]}
)";

class RunTest : public testing::Test {
 protected:
  void SetUp() override {
    auto folder = PrivateFolder::Create();
    ASSERT_TRUE(folder.ok()) << folder.status();
    folder_ = *std::move(folder);
  }

  std::string Path(const std::string& name) const { return folder_->Path(name); }

  void WriteFile(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name)) << text;
  }

  static std::vector<std::string> Command(const std::vector<std::string>& arguments) {
    std::vector<std::string> words = {FIRSTGUESS_PROGRAM};
    words.insert(words.end(), arguments.begin(), arguments.end());
    return words;
  }

  int Run(const std::vector<std::string>& arguments) {
    return Program::Run(Command(arguments), Path(""), &out_, &err_);
  }

  // Rows of a query on `database`.
  std::string Query(const std::string& database, const std::string& sql) {
    std::string out;
    std::string err;
    const int code = Program::Run(Command({"query", "--db", database, "--format", "csv", sql}),
                                  Path(""), &out, &err);
    EXPECT_EQ(code, kExitDone) << err;
    return out;
  }

  std::unique_ptr<PrivateFolder> folder_;
  std::string out_;
  std::string err_;
};

TEST_F(RunTest, ASweepLeavesADatabaseAReportAndFindings) {
  WriteFile("small.yaml", kSmall);
  ASSERT_EQ(Run({"run", "small.yaml", "--workers", "2"}), kExitDone) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr("small: 6/6 trials, 100 %"));
  EXPECT_THAT(out_, HasSubstr("small: 6 of 6 trials done"));
  EXPECT_THAT(out_, ContainsRegex("Findings:\n  - ."));
  EXPECT_THAT(out_, HasSubstr("Database: small.db\nReport:   small.html\n"));
  EXPECT_THAT(err_, IsEmpty());
  EXPECT_GT(std::filesystem::file_size(Path("small.html")), 1000);
  EXPECT_EQ(Query("small.db", "select cells, done, failed, leased, pending from progress"),
            "cells,done,failed,leased,pending\n6,6,0,0,0\n");
  EXPECT_EQ(Query("small.db", "select count(*) from snapshot"), "count(*)\n24\n");

  // Again: nothing to do, and no worker is bothered.
  const std::string log = FileText(Path("small.db.workers.log"));
  ASSERT_EQ(Run({"run", "small.yaml"}), kExitDone) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr("everything was done already, nothing to train"));
  EXPECT_THAT(out_, HasSubstr("Database: small.db\n"));
  EXPECT_EQ(FileText(Path("small.db.workers.log")), log);

  // Another spec under the same name is refused, with what would change, and nothing changes.
  WriteFile("small.yaml", absl::StrReplaceAll(kSmall, {{"[4, 8]", "[4, 16]"}}));
  EXPECT_EQ(Run({"run", "small.yaml"}), kExitInput);
  EXPECT_THAT(err_, HasSubstr("small.db already holds 'small' with another spec; of this one: "
                              "3 cells kept, 3 added, 3 dropped."));
  EXPECT_THAT(err_, HasSubstr("Add --extend"));
  EXPECT_EQ(Query("small.db", "select count(*) from sweep_revision"), "count(*)\n1\n");

  // With --extend the three that are new are trained, and no other.
  ASSERT_EQ(Run({"run", "small.yaml", "--extend"}), kExitDone) << out_ << err_;
  EXPECT_THAT(out_, HasSubstr("Revision 2: 3 cells kept, 3 added, 3 dropped."));
  EXPECT_EQ(Query("small.db", "select cells, done, revision from progress"),
            "cells,done,revision\n6,6,2\n");
  EXPECT_EQ(Query("small.db", "select count(*) from attempt where outcome = 'finished'"),
            "count(*)\n9\n");
}

// Of six trials at four steps each, the first and the last with a confusion matrix.
TEST_F(RunTest, MeasuredGroupsFillTheirTables) {
  WriteFile("groups.yaml",
            absl::StrReplaceAll(kSmall, {{"measure: {",
                                          "measure: {groups: [confusion, layers, logits, "
                                          "noise, sharpness], "},
                                         {"dataset:", "label_noise: 0.4\ndataset:"}}));
  ASSERT_EQ(Run({"run", "groups.yaml", "--no-report", "--db", "groups.db"}), kExitDone)
      << out_ << err_;
  EXPECT_EQ(Query("groups.db", "select count(*), count(distinct step) from trial_logits"),
            "count(*),count(distinct step)\n240,4\n");
  EXPECT_EQ(Query("groups.db", "select step, sum(count) from trial_confusion group by step"),
            "step,sum(count)\n0,600\n5,600\n");
  EXPECT_EQ(Query("groups.db",
                  "select count(*), min(clean_examples + corrupted_examples),"
                  " min(corrupted_examples) > 20 from trial_noise where accuracy_true <= 1"),
            "count(*),min(clean_examples + corrupted_examples),min(corrupted_examples) > 20\n"
            "24,100,1\n");
  EXPECT_EQ(Query("groups.db",
                  "select count(*), max(iterations) from trial_sharpness where sharpness <> 0"),
            "count(*),max(iterations)\n24,20\n");
  // Four layers, of which the last has no dead units and the first step no gradient.
  EXPECT_EQ(Query("groups.db",
                  "select count(*), count(distinct name), count(dead_fraction), count(grad_norm)"
                  " from trial_layers where pre_variance >= 0 and weight_norm > 0"),
            "count(*),count(distinct name),count(dead_fraction),count(grad_norm)\n96,4,72,72\n");
  EXPECT_EQ(Query("groups.db", "select count(*) from class_quality where f1 <= 1"),
            "count(*)\n240\n");
}

TEST_F(RunTest, JsonEventsBeginWithStartedAndEndWithFinished) {
  WriteFile("small.yaml", kSmall);
  ASSERT_EQ(Run({"run", "small.yaml", "--no-report", "--json", "--db", "other.db"}), kExitDone)
      << out_ << err_;
  std::vector<nlohmann::json> events;
  for (const auto line : absl::StrSplit(out_, '\n', absl::SkipEmpty())) {
    events.push_back(nlohmann::json::parse(std::string(line)));
  }
  ASSERT_GE(events.size(), 3);
  EXPECT_EQ(events.front()["event"], "started");
  EXPECT_EQ(events.front()["database"], "other.db");
  EXPECT_EQ(events.back()["event"], "finished");
  EXPECT_EQ(events.back()["exit_code"], 0);
  EXPECT_EQ(events.back()["sweep"]["done"], 6);
  EXPECT_TRUE(events.back()["report"].is_null());
  EXPECT_FALSE(std::filesystem::exists(Path("other.html")));
}

TEST_F(RunTest, CtrlCStopsCleanlyAndTheSameCommandGoesOn) {
  WriteFile("long.yaml", kLong);
  const std::vector<std::string> command =
      Command({"run", "long.yaml", "--workers", "2", "--no-report", "--json"});
  Program running(command, Path(""));
  // Once some trials are done, and long before all are.
  const std::regex some_done("\"event\":\"progress\".*\"done\":[1-9]");
  while (!std::regex_search(running.out(), some_done)) {
    ASSERT_FALSE(running.Ended()) << running.out() << running.err();
    absl::SleepFor(absl::Milliseconds(5));
  }
  running.Signal(SIGINT);
  ASSERT_EQ(running.Wait(), kExitInterrupted) << running.out() << running.err();
  EXPECT_THAT(running.err(), HasSubstr("The same command goes on where it was."));
  EXPECT_EQ(Query("long.db", "select leased from progress"), "leased\n0\n");

  ASSERT_EQ(Program::Run(command, Path(""), &out_, &err_), kExitDone) << out_ << err_;
  EXPECT_EQ(Query("long.db", "select done, pending from progress"), "done,pending\n200,0\n");
  // What was done stayed done: no trial has two finished attempts.
  EXPECT_EQ(Query("long.db",
                  "select count(*) from (select trial_id from attempt where outcome = 'finished' "
                  "group by trial_id having count(*) > 1)"),
            "count(*)\n0\n");
}

TEST_F(RunTest, AMissingDataSetEndsWithTheWorkersWords) {
  WriteFile("missing.yaml", absl::StrReplaceAll(kSmall, {{"fashion-mnist", "mnist"}}));
  std::filesystem::create_directory(Path("data"));
  EXPECT_EQ(Run({"run", "missing.yaml", "--data-dir", Path("data")}), kExitFailed) << out_ << err_;
  EXPECT_THAT(err_, HasSubstr(Path("data")));
  EXPECT_THAT(err_, HasSubstr("mnist"));
  EXPECT_THAT(err_, HasSubstr("small.db.workers.log"));
}

TEST_F(RunTest, GeneratedDataNeedNoFiles) {
  WriteFile("blobs.yaml", kBlobs);
  std::filesystem::create_directory(Path("empty"));
  ASSERT_EQ(Run({"run", "blobs.yaml", "--no-report", "--data-dir", Path("empty")}), kExitDone)
      << out_ << err_;
  EXPECT_EQ(Query("blobs.db",
                  "select class_subset, count(distinct class), min(epoch) from trial "
                  "join class_snapshot using (trial_id) join snapshot using (trial_id, step) "
                  "where step = 40 group by class_subset order by class_subset"),
            "class_subset,count(distinct class),min(epoch)\n\"\",4,4\n\"1,3\",2,8\n");
  // Blobs that are apart are told apart; those on top of each other can't be.
  EXPECT_EQ(Query("blobs.db",
                  "select data_separation, min(accuracy) > 0.9, max(accuracy) < 0.8 from trial "
                  "join snapshot using (trial_id) where step = 40 and class_subset = '1,3' "
                  "group by data_separation order by data_separation"),
            "data_separation,min(accuracy) > 0.9,max(accuracy) < 0.8\n0,0,1\n8,1,0\n");
}

TEST_F(RunTest, NetworksAreMeasuredUntrained) {
  WriteFile("untrained.yaml", kUntrained);
  ASSERT_EQ(Run({"run", "untrained.yaml", "--no-report"}), kExitDone) << out_ << err_;
  EXPECT_EQ(Query("untrained.db", "select count(*), max(step), min(max_guess) > 0.1 from snapshot"),
            "count(*),max(step),min(max_guess) > 0.1\n10,0,1\n");
}

TEST_F(RunTest, OnesOwnArraysAreTrainedOnAndTheirSizesAreCheckedByTheTrainer) {
  const TemporaryFolder data;
  trainer::WriteOwnDataset(data, "mine", 12, 9);
  WriteFile("own.yaml", kOwn);
  ASSERT_EQ(Run({"run", "own.yaml", "--no-report", "--data-dir", data.path()}), kExitDone)
      << out_ << err_;
  EXPECT_EQ(Query("own.db", "select status, support from trial join trial_class using (trial_id)"),
            "status,support\ndone,3\ndone,3\ndone,3\ndone,3\ndone,3\ndone,3\n");

  WriteFile("large.yaml", absl::StrReplaceAll(kOwn, {{"name: own", "name: large"},
                                                     {"probe_size: 9", "probe_size: 10"}}));
  EXPECT_EQ(Run({"run", "large.yaml", "--no-report", "--data-dir", data.path()}), kExitTrialsFailed)
      << out_ << err_;
  EXPECT_EQ(Query("large.db",
                  "select failure_class, failure_message, count(*) from trial "
                  "group by failure_class, failure_message"),
            "failure_class,failure_message,count(*)\n"
            "invalid,probe_size 10 with 9 test examples,2\n");
}

TEST_F(RunTest, ASweepThatWantsMoreMemoryThanAWorkersShareIsToldSo) {
  const int64_t share = UsableMemory() / 4;
  WriteFile("large.yaml", absl::StrCat(kSmall, "requires: {memory: ", share + 1, "}\n"));
  EXPECT_EQ(Run({"run", "large.yaml", "--no-report", "--workers", "4"}), kExitFailed);
  EXPECT_THAT(err_, HasSubstr(absl::StrCat(share + 1, " bytes of memory")));
  EXPECT_THAT(err_, HasSubstr("with --workers 1 one has all of it"));
  EXPECT_EQ(Run({"run", "large.yaml", "--no-report", "--workers", "3"}), kExitDone) << err_;
}

// Else the default folder's images would be trained on, and nobody would know.
TEST_F(RunTest, ADataFolderThatIsNotThereIsToldBeforeAnythingIsMade) {
  WriteFile("small.yaml", kSmall);
  EXPECT_EQ(Run({"run", "small.yaml", "--data-dir", Path("no-such")}), kExitInput);
  EXPECT_THAT(err_, HasSubstr(Path("no-such")));
  EXPECT_FALSE(std::filesystem::exists(Path("small.db")));
}

TEST_F(RunTest, AClosedPipeStopsTheRunAndEndsWithZero) {
  WriteFile("long.yaml", kLong);
  const std::string line =
      absl::StrCat("{ ", FIRSTGUESS_PROGRAM,
                   " run long.yaml --no-report --json; echo $? > code; } | head -n 1 > first-line");
  ASSERT_EQ(Program::Run({"/bin/sh", "-c", line}, Path(""), &out_, &err_), 0);
  EXPECT_EQ(FileText(Path("code")), "0\n");
  EXPECT_THAT(FileText(Path("first-line")), HasSubstr("started"));
}

TEST_F(RunTest, WhatIsNoDatabaseOfFirstguessIsLeftAlone) {
  WriteFile("small.yaml", kSmall);
  WriteFile("notes.db", "these are my notes, not a database");
  EXPECT_EQ(Run({"run", "small.yaml", "--db", "notes.db"}), kExitInput) << out_ << err_;
  EXPECT_THAT(err_, HasSubstr("notes.db"));
  EXPECT_EQ(FileText(Path("notes.db")), "these are my notes, not a database");
  EXPECT_FALSE(std::filesystem::exists(Path("notes.db.workers.log")));
}

}  // namespace
}  // namespace firstguess
