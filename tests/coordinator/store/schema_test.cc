#include "coordinator/store/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/spec/fields.h"
#include "coordinator/store/migrations.h"
#include "coordinator/store/sqlite/database.h"
#include "coordinator/store/sqlite/error.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsSupersetOf;

// People's scripts rely on these: columns may be added at the end, nothing else may change.
const std::map<std::string, std::vector<std::string>>& Tables() {
  static const auto* const tables = new std::map<std::string, std::vector<std::string>>{
      {"sweep",
       {"sweep_id INTEGER", "name TEXT", "revision INTEGER", "state TEXT", "priority INTEGER",
        "cells INTEGER", "done INTEGER", "failed INTEGER", "cancelled INTEGER", "leased INTEGER",
        "diverged INTEGER", "created_at REAL", "finished_at REAL"}},
      {"sweep_revision",
       {"sweep_id INTEGER", "revision INTEGER", "spec TEXT", "canonical TEXT", "submitted_at REAL",
        "plan_rules INTEGER"}},
      {"trial",
       {"trial_id INTEGER",
        "key TEXT",
        "status TEXT",
        "dataset TEXT",
        "model TEXT",
        "width INTEGER",
        "depth INTEGER",
        "activation TEXT",
        "init TEXT",
        "init_scale REAL",
        "bias_scale REAL",
        "loss TEXT",
        "loss_params TEXT",
        "loss_delay_steps INTEGER",
        "optimizer TEXT",
        "learning_rate REAL",
        "momentum REAL",
        "weight_decay REAL",
        "batch_size INTEGER",
        "steps INTEGER",
        "label_noise REAL",
        "noise_kind TEXT",
        "class_imbalance REAL",
        "seed INTEGER",
        "data_seed INTEGER",
        "probe_size INTEGER",
        "points INTEGER",
        "spacing TEXT",
        "config TEXT",
        "pack_id INTEGER",
        "slot INTEGER",
        "attempts INTEGER",
        "failure_class TEXT",
        "failure_message TEXT",
        "diverged_at_step INTEGER",
        "worker TEXT",
        "device TEXT",
        "pack_size INTEGER",
        "library TEXT",
        "replanned INTEGER",
        "started_at REAL",
        "finished_at REAL",
        "train_seconds REAL",
        "readout_scale REAL",
        "schedule TEXT",
        "warmup_steps INTEGER",
        "schedule_every INTEGER",
        "schedule_factor REAL",
        "max_grad_norm REAL",
        "norm TEXT",
        "norm_position TEXT",
        "norm_statistics TEXT",
        "pool TEXT",
        "stem TEXT",
        "init_max_guess_min REAL",
        "init_max_guess_max REAL",
        "init_tries INTEGER",
        "logit_bias REAL",
        "noise_matrix TEXT",
        "class_subset TEXT",
        "input_shift REAL",
        "data_classes INTEGER",
        "data_dimension INTEGER",
        "data_separation REAL",
        "data_train_per_class INTEGER",
        "data_test_per_class INTEGER",
        "groups TEXT",
        "confusion_steps TEXT",
        "sharpness_iterations INTEGER",
        "init_try INTEGER"}},
      {"cell",
       {"sweep_id INTEGER", "revision INTEGER", "cell INTEGER", "trial_id INTEGER",
        "dropped_in INTEGER"}},
      {"pack",
       {"pack_id INTEGER", "sweep_id INTEGER", "revision INTEGER", "plan_index INTEGER",
        "parent_pack_id INTEGER"}},
      {"lease",
       {"lease_id INTEGER", "pack_id INTEGER", "worker TEXT", "instance_id TEXT", "granted_at REAL",
        "ended_at REAL", "outcome TEXT"}},
      {"attempt",
       {"trial_id INTEGER", "attempt INTEGER", "lease_id INTEGER", "started_at REAL",
        "ended_at REAL", "outcome TEXT", "message TEXT"}},
      {"snapshot",
       {"trial_id INTEGER", "step INTEGER", "epoch REAL", "train_loss REAL", "grad_norm REAL",
        "probe_loss REAL", "probe_cross_entropy REAL", "accuracy REAL", "max_guess REAL",
        "guess_entropy REAL", "prob_entropy REAL", "mean_weight REAL", "kept_fraction REAL",
        "tied_fraction REAL"}},
      {"class_snapshot",
       {"trial_id INTEGER", "step INTEGER", "class INTEGER", "guess_count INTEGER",
        "correct_count INTEGER", "mean_prob REAL", "class_loss REAL", "drift REAL"}},
      {"trial_class",
       {"trial_id INTEGER", "class INTEGER", "support INTEGER", "initial_rank INTEGER"}},
      {"store_state", {"only_row INTEGER", "batch INTEGER"}},
      {"class_logit",
       {"trial_id INTEGER", "step INTEGER", "class INTEGER", "logit_mean REAL",
        "logit_variance REAL"}},
      {"confusion",
       {"trial_id INTEGER", "step INTEGER", "label INTEGER", "guess INTEGER", "count INTEGER"}},
      {"layer_snapshot",
       {"trial_id INTEGER", "step INTEGER", "layer INTEGER", "name TEXT", "pre_mean REAL",
        "pre_variance REAL", "correlation REAL", "drift_ratio REAL", "dead_fraction REAL",
        "grad_norm REAL", "weight_norm REAL", "distance_to_init REAL", "cosine_to_init REAL"}},
      {"noise_snapshot",
       {"trial_id INTEGER", "step INTEGER", "clean_examples INTEGER", "corrupted_examples INTEGER",
        "kept_clean REAL", "kept_corrupted REAL", "weight_clean REAL", "weight_corrupted REAL",
        "accuracy_given REAL", "accuracy_true REAL"}},
      {"sharpness_snapshot",
       {"trial_id INTEGER", "step INTEGER", "sharpness REAL", "residual REAL",
        "iterations INTEGER"}},
  };
  return *tables;
}

// The trial's fields as tables and views show them: newer ones stand at the end of what was there
// before them.
std::vector<std::string> TrialColumns(bool newer) {
  std::vector<std::string> columns;
  for (const Field& field : TrialFields()) {
    if (field.is_newer != newer) continue;
    columns.emplace_back(field.name);
    if (field.type() == FieldType::kLoss) columns.push_back(absl::StrCat(field.name, "_params"));
  }
  return columns;
}

std::vector<std::string> Joined(const std::vector<std::vector<std::string>>& parts) {
  std::vector<std::string> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

class Schema : public testing::Test {
 protected:
  Schema() : path_(folder_.File("sweep.db")), store_(path_) {}

  std::vector<std::string> ColumnsOf(const std::string& table) {
    return Rows(path_, absl::StrCat("SELECT name FROM pragma_table_info('", table, "')"));
  }

  TemporaryFolder folder_;
  std::string path_;
  TestStore store_;
};

TEST_F(Schema, HasTheseTablesAndColumnsAndNoOthers) {
  std::vector<std::string> names;
  for (const auto& [table, columns] : Tables()) {
    EXPECT_THAT(Rows(path_, absl::StrCat("SELECT name || ' ' || type FROM pragma_table_info('",
                                         table, "')")),
                ElementsAreArray(columns))
        << table;
    names.push_back(table);
  }
  EXPECT_THAT(Rows(path_, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"),
              ElementsAreArray(names));
}

TEST_F(Schema, IsStrict) {
  EXPECT_THAT(Rows(path_,
                   "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
                   " AND NOT strict AND name NOT LIKE 'sqlite_%'"),
              ElementsAre());
}

TEST_F(Schema, KeepsMeasurementsWithoutRowIds) {
  EXPECT_THAT(
      Rows(path_, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND wr ORDER BY name"),
      ElementsAre("class_logit", "class_snapshot", "confusion", "layer_snapshot", "noise_snapshot",
                  "sharpness_snapshot", "snapshot", "trial_class"));
}

TEST_F(Schema, HasThesePrimaryKeys) {
  std::vector<std::string> keys;
  for (const auto& [table, columns] : Tables()) {
    keys.push_back(
        absl::StrCat(table, ": ",
                     absl::StrJoin(Rows(path_, absl::StrCat("SELECT name FROM pragma_table_info('",
                                                            table, "') WHERE pk > 0 ORDER BY pk")),
                                   ", ")));
  }
  EXPECT_THAT(
      keys, ElementsAre(
                "attempt: trial_id, attempt", "cell: sweep_id, revision, cell",
                "class_logit: trial_id, step, class", "class_snapshot: trial_id, step, class",
                "confusion: trial_id, step, label, guess", "layer_snapshot: trial_id, step, layer",
                "lease: lease_id", "noise_snapshot: trial_id, step", "pack: pack_id",
                "sharpness_snapshot: trial_id, step", "snapshot: trial_id, step",
                "store_state: only_row", "sweep: sweep_id", "sweep_revision: sweep_id, revision",
                "trial: trial_id", "trial_class: trial_id, class"));
}

TEST_F(Schema, HasAColumnForEveryFieldOfATrial) {
  EXPECT_THAT(ColumnsOf("trial"), IsSupersetOf(Joined({TrialColumns(false), TrialColumns(true)})));
}

TEST_F(Schema, ShowsProgress) {
  EXPECT_THAT(ColumnsOf("progress"),
              ElementsAre("sweep_id", "sweep", "revision", "state", "cells", "done", "failed",
                          "cancelled", "leased", "pending", "diverged"));
}

TEST_F(Schema, ShowsTrajectoriesWithEveryFieldOfTheTrial) {
  EXPECT_THAT(ColumnsOf("trajectory"),
              ElementsAreArray(Joined({{"sweep", "trial_id", "key"},
                                       TrialColumns(false),
                                       {"step", "epoch", "class", "initial_rank", "guess_fraction",
                                        "mean_prob", "recall", "class_loss", "drift"},
                                       TrialColumns(true)})));
}

TEST_F(Schema, ShowsTheInitialBiasWithEveryFieldOfTheTrial) {
  EXPECT_THAT(ColumnsOf("initial_bias"),
              ElementsAreArray(Joined({{"trial_id", "key"},
                                       TrialColumns(false),
                                       {"max_guess", "favoured_class", "guess_entropy",
                                        "prob_entropy", "favoured_mean_prob"},
                                       TrialColumns(true)})));
}

TEST_F(Schema, ShowsTheSummaryOfATrialWithEveryField) {
  EXPECT_THAT(ColumnsOf("trial_summary"),
              ElementsAreArray(Joined({{"trial_id", "key"},
                                       TrialColumns(false),
                                       TrialColumns(true),
                                       {"first_step_unbiased", "first_step_all_recovered",
                                        "favoured_flips", "max_guess_area"}})));
}

TEST_F(Schema, ShowsTheQualityOfClassesAndEachGroupWithEveryField) {
  const std::map<std::string, std::vector<std::string>> views = {
      {"class_quality", {"step", "class", "initial_rank", "precision", "recall", "f1"}},
      {"trial_logits", {"step", "class", "logit_mean", "logit_variance"}},
      {"trial_confusion", {"step", "label", "guess", "count"}},
      {"trial_layers",
       {"step", "layer", "name", "pre_mean", "pre_variance", "correlation", "drift_ratio",
        "dead_fraction", "grad_norm", "weight_norm", "distance_to_init", "cosine_to_init"}},
      {"trial_noise",
       {"step", "clean_examples", "corrupted_examples", "kept_clean", "kept_corrupted",
        "weight_clean", "weight_corrupted", "accuracy_given", "accuracy_true"}},
      {"trial_sharpness", {"step", "sharpness", "residual", "iterations"}}};
  for (const auto& [view, columns] : views) {
    EXPECT_THAT(ColumnsOf(view),
                ElementsAreArray(Joined(
                    {{"trial_id", "key"}, TrialColumns(false), TrialColumns(true), columns})))
        << view;
  }
}

TEST_F(Schema, NamesEveryColumnOfItsViews) {
  EXPECT_THAT(Rows(path_, "SELECT name FROM sqlite_schema WHERE type = 'view' ORDER BY name"),
              ElementsAre("class_quality", "initial_bias", "progress", "trajectory",
                          "trial_confusion", "trial_layers", "trial_logits", "trial_noise",
                          "trial_sharpness", "trial_summary"));
  // A star where a column may stand; between two numbers it multiplies.
  for (const std::string& sql : Rows(path_, "SELECT sql FROM sqlite_schema WHERE type = 'view'")) {
    EXPECT_THAT(sql, testing::Not(testing::ContainsRegex("([.,]|SELECT)[ \n]*[*]")));
  }
}

TEST_F(Schema, MarksTheFile) {
  EXPECT_EQ(Row(path_, "PRAGMA application_id"), absl::StrCat(kApplicationId));
  EXPECT_EQ(Row(path_, "PRAGMA user_version"), absl::StrCat(kSchemaVersion));
  EXPECT_EQ(kApplicationId, 0x46474442);
}

TEST_F(Schema, IsInWriteAheadMode) { EXPECT_EQ(Row(path_, "PRAGMA journal_mode"), "wal"); }

TEST_F(Schema, KeepsItsCommentsForReaders) {
  EXPECT_THAT(Row(path_, "SELECT sql FROM sqlite_schema WHERE name = 'class_snapshot'"),
              testing::HasSubstr("-- mean probability of the class over all examples"));
}

TEST_F(Schema, RefusesWordsThatAreNoStates) {
  store_.Do(SweepOf(1, 1));
  store_.Do(PackOf(1, 1, {0}));
  store_.Close();
  for (const char* change :
       {"UPDATE sweep SET state = 'finished'", "UPDATE trial SET status = 'running'",
        "UPDATE trial SET failure_class = 'oom'", "UPDATE trial SET replanned = 2",
        "UPDATE lease SET ended_at = 1, outcome = 'done'", "UPDATE lease SET ended_at = 1",
        "UPDATE attempt SET ended_at = 1, outcome = 'oom'", "UPDATE attempt SET outcome = 'crash'",
        "INSERT INTO store_state VALUES (2, 0)"}) {
    auto database = sqlite::Database::Open(path_, sqlite::Database::Mode::kReadWrite);
    ASSERT_TRUE(database.ok());
    EXPECT_EQ(sqlite::ClassOf((*database)->Execute(change)), sqlite::ErrorClass::kConstraint)
        << change;
  }
}

// However many trials are finished, what is open is found through indexes that hold only that.
TEST_F(Schema, FindsWhatIsOpenWithoutLookingAtWhatIsFinished) {
  for (const char* query :
       {"SELECT 1 FROM trial INDEXED BY trial_open WHERE status IN ('pending', 'leased')",
        "SELECT 1 FROM trial INDEXED BY trial_failed WHERE status = 'failed'",
        "SELECT 1 FROM lease INDEXED BY lease_open WHERE ended_at IS NULL",
        "SELECT 1 FROM attempt INDEXED BY attempt_open WHERE ended_at IS NULL AND lease_id = 1"}) {
    EXPECT_THAT(Rows(path_, absl::StrCat("EXPLAIN QUERY PLAN ", query)),
                ElementsAre(testing::HasSubstr("USING")))
        << query;
  }
}

// A view must not start with its largest table.
TEST_F(Schema, ReadsTrajectoriesOfOneSweepThroughItsCells) {
  const std::string plan = absl::StrJoin(
      Rows(path_,
           "EXPLAIN QUERY PLAN SELECT avg(mean_prob) FROM trajectory WHERE sweep = 'x' AND step = 0"
           " GROUP BY initial_rank"),
      "\n");
  EXPECT_THAT(plan, testing::HasSubstr("SEARCH class_snapshot"));
  EXPECT_THAT(plan, testing::Not(testing::HasSubstr("SCAN")));
}

}  // namespace
}  // namespace firstguess
