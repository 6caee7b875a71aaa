#include "coordinator/store/measurements.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MeasurementsTest : public testing::Test {
 protected:
  MeasurementsTest() : path_(folder_.File("sweep.db")), store_(path_) {
    store_.Do(SweepOf(1, 2));
    store_.Do(PackOf(1, 1, {0, 1}));
  }

  void Write(TrialId trial_id, std::shared_ptr<const Trajectory> trajectory) {
    StoreResult result = ResultOf(trial_id, 1);
    result.trajectory = std::move(trajectory);
    ASSERT_TRUE(store_.Do(result).stored);
  }

  TemporaryFolder folder_;
  std::string path_;
  TestStore store_;
};

TEST_F(MeasurementsTest, StandInTheColumnsOfTheirNames) {
  Write(2, TrajectoryOf(1));
  EXPECT_THAT(Rows(path_, "SELECT * FROM trial_class"),
              ElementsAre("2|0|1|1", "2|1|11|2", "2|2|21|0"));
  // In the order of the columns; numbers grow by an eighth.
  EXPECT_THAT(Rows(path_,
                   "SELECT trial_id, step, epoch, train_loss, grad_norm, probe_loss,"
                   " probe_cross_entropy, accuracy, max_guess, guess_entropy, prob_entropy,"
                   " mean_weight, kept_fraction, tied_fraction FROM snapshot WHERE step = 0"),
              ElementsAre("2|0|1.25|1.375|1.5|1.625|1.75|1.875|2.0|2.125|2.25|2.375|2.5|2.625"));
  EXPECT_THAT(Rows(path_,
                   "SELECT trial_id, step, class, guess_count, correct_count, mean_prob,"
                   " class_loss, drift FROM class_snapshot"),
              ElementsAre("2|0|0|0|0|2.75|2.875|3.0", "2|0|1|1|1|3.125|3.25|3.375",
                          "2|0|2|2|2|3.5|3.625|3.75", "2|1|0|100|10|5.375|5.5|5.625",
                          "2|1|1|101|11|5.75|5.875|6.0", "2|1|2|102|12|6.125|6.25|6.375"));
}

TEST_F(MeasurementsTest, AreNullWhenNotMeasuredOrNotFinite) {
  auto trajectory = std::make_shared<Trajectory>(*TrajectoryOf(1, 1, 1));
  Snapshot& snapshot = trajectory->snapshots[0];
  snapshot.train_loss = kNotMeasured;
  snapshot.grad_norm = std::numeric_limits<double>::infinity();
  snapshot.probe_loss = -std::numeric_limits<double>::infinity();
  snapshot.class_loss[0] = kNotMeasured;
  Write(1, trajectory);
  EXPECT_EQ(Row(path_, "SELECT train_loss, grad_norm, probe_loss, accuracy FROM snapshot"),
            "NULL|NULL|NULL|1.875");
  EXPECT_EQ(Row(path_, "SELECT class_loss FROM class_snapshot"), "NULL");
}

TEST_F(MeasurementsTest, KeepEveryBitOfANumber) {
  auto trajectory = std::make_shared<Trajectory>(*TrajectoryOf(1, 1, 1));
  trajectory->snapshots[0].mean_prob[0] = 0.1 + 0.2;
  Write(1, trajectory);
  EXPECT_EQ(Row(path_, "SELECT mean_prob = 0.1 + 0.2, mean_prob = 0.3 FROM class_snapshot"), "1|0");
}

TEST_F(MeasurementsTest, OfADivergedTrialMayBeNone) {
  auto trajectory = std::make_shared<Trajectory>();
  trajectory->diverged_at_step = 0;
  Write(1, trajectory);
  EXPECT_THAT(Rows(path_, "SELECT * FROM snapshot"), IsEmpty());
  EXPECT_EQ(Row(path_, "SELECT status FROM trial WHERE trial_id = 1"), "done");
}

TEST_F(MeasurementsTest, ShowAsTrajectoriesPerSweep) {
  auto trajectory = std::make_shared<Trajectory>(*TrajectoryOf(1, 1, 2));
  trajectory->support = {0, 40};
  trajectory->snapshots[0].guess_count = {25, 75};
  trajectory->snapshots[0].correct_count = {0, 10};
  Write(1, trajectory);
  store_.Do(SweepOf(2, 1));
  store_.Do(PackOf(2, 2, {0}));
  const std::string numbers =
      "SELECT trial_id, seed, step, class, initial_rank, guess_fraction, recall"
      " FROM trajectory WHERE sweep = ";
  const auto expected = ElementsAre("1|0|0|0|1|0.25|NULL", "1|0|0|1|0|0.75|0.25");
  EXPECT_THAT(Rows(path_, absl::StrCat(numbers, "'sweep-1' ORDER BY class")), expected);
  EXPECT_THAT(Rows(path_, absl::StrCat(numbers, "'sweep-2' ORDER BY class")), expected);
}

TEST_F(MeasurementsTest, ShowOnceHoweverManyCellsOfASweepAreTheTrial) {
  OpenPack pack = PackOf(2, 2, {0});
  pack.cells.push_back({.cell = 1, .slot = 1, .config = ConfigOf(0)});
  pack.cells[1].config.noise_kind = "pair_flip";
  store_.Do(SweepOf(2, 2));
  store_.Do(pack);
  Write(1, TrajectoryOf(1, 1, 1));
  EXPECT_EQ(Row(path_, "SELECT count(*) FROM trajectory WHERE sweep = 'sweep-2'"), "1");
}

TEST_F(MeasurementsTest, ShowNoCellsThatARevisionDropped) {
  Write(1, TrajectoryOf(1, 1, 1));
  store_.Close();
  auto database = sqlite::Database::Open(path_, sqlite::Database::Mode::kReadWrite);
  ASSERT_TRUE(database.ok());
  ASSERT_TRUE((*database)->Execute("UPDATE cell SET dropped_in = 2 WHERE cell = 0").ok());
  EXPECT_EQ(Row(path_, "SELECT count(*) FROM trajectory"), "0");
  EXPECT_EQ(Row(path_, "SELECT count(*) FROM initial_bias"), "1");
}

TEST_F(MeasurementsTest, ShowTheFirstGuessOfEachTrial) {
  Write(1, TrajectoryOf(1));  // rank 0: class 2
  Write(2, TrajectoryOf(2));  // rank 0: class 1
  EXPECT_THAT(Rows(path_,
                   "SELECT trial_id, seed, max_guess, favoured_class, guess_entropy,"
                   " prob_entropy, favoured_mean_prob FROM initial_bias ORDER BY trial_id"),
              ElementsAre("1|0|2.0|2|2.125|2.25|3.5", "2|1|3.0|1|3.125|3.25|4.125"));
}

TEST_F(MeasurementsTest, GroupsStandInTheColumnsOfTheirNames) {
  Write(2, WithGroups(*TrajectoryOf(1, 2, 2)));
  EXPECT_THAT(
      Rows(path_, "SELECT trial_id, step, class, logit_mean, logit_variance FROM class_logit"),
      ElementsAre("2|0|0|100.125|100.25", "2|0|1|100.375|100.5", "2|1|0|103.875|104.0",
                  "2|1|1|104.125|104.25"));
  EXPECT_THAT(Rows(path_, "SELECT trial_id, step, label, guess, count FROM confusion"),
              ElementsAre("2|0|0|1|7", "2|0|1|0|3", "2|1|0|1|8", "2|1|1|0|3"));
  EXPECT_THAT(
      Rows(path_,
           "SELECT trial_id, step, layer, name, pre_mean, pre_variance, correlation, drift_ratio,"
           " dead_fraction, grad_norm, weight_norm, distance_to_init, cosine_to_init"
           " FROM layer_snapshot WHERE step = 0"),
      ElementsAre(
          "2|0|0|layers.0|100.625|100.75|100.875|101.0|101.125|101.25|101.375|101.5|101.625",
          "2|0|1|layers.1|101.75|101.875|102.0|102.125|102.25|102.375|102.5|102.625"
          "|102.75"));
  EXPECT_THAT(
      Rows(path_,
           "SELECT trial_id, step, clean_examples, corrupted_examples, kept_clean, kept_corrupted,"
           " weight_clean, weight_corrupted, accuracy_given, accuracy_true FROM noise_snapshot"
           " WHERE step = 0"),
      ElementsAre("2|0|70|30|102.875|103.0|103.125|103.25|103.375|103.5"));
  EXPECT_THAT(Rows(path_,
                   "SELECT trial_id, step, sharpness, residual, iterations"
                   " FROM sharpness_snapshot WHERE step = 0"),
              ElementsAre("2|0|103.625|103.75|20"));
}

TEST_F(MeasurementsTest, WithoutGroupsTheirTablesStayEmpty) {
  Write(1, TrajectoryOf(1));
  for (const char* table :
       {"class_logit", "confusion", "layer_snapshot", "noise_snapshot", "sharpness_snapshot"}) {
    EXPECT_THAT(Rows(path_, absl::StrCat("SELECT * FROM ", table)), IsEmpty()) << table;
  }
}

TEST_F(MeasurementsTest, GroupsThatAreNotFiniteAreNull) {
  auto trajectory = std::make_shared<Trajectory>(*WithGroups(*TrajectoryOf(1, 1, 1)));
  trajectory->snapshots[0].layers[0].dead_fraction = kNotMeasured;
  trajectory->snapshots[0].noise->weight_clean = kNotMeasured;
  trajectory->snapshots[0].sharpness->residual = std::numeric_limits<double>::infinity();
  Write(1, trajectory);
  EXPECT_EQ(Row(path_, "SELECT dead_fraction FROM layer_snapshot WHERE layer = 0"), "NULL");
  EXPECT_EQ(Row(path_, "SELECT weight_clean FROM noise_snapshot"), "NULL");
  EXPECT_EQ(Row(path_, "SELECT residual FROM sharpness_snapshot"), "NULL");
}

TEST_F(MeasurementsTest, EachGroupShowsWithItsTrialsFields) {
  Write(2, WithGroups(*TrajectoryOf(1, 1, 2)));
  EXPECT_THAT(Rows(path_, "SELECT trial_id, seed, step, class, logit_variance FROM trial_logits"),
              ElementsAre("2|1|0|0|100.25", "2|1|0|1|100.5"));
  EXPECT_THAT(Rows(path_, "SELECT seed, step, label, guess, count FROM trial_confusion"),
              ElementsAre("1|0|0|1|7", "1|0|1|0|3"));
  EXPECT_THAT(Rows(path_, "SELECT seed, step, layer, name, cosine_to_init FROM trial_layers"),
              ElementsAre("1|0|0|layers.0|101.625", "1|0|1|layers.1|102.75"));
  EXPECT_THAT(Rows(path_, "SELECT seed, step, corrupted_examples, accuracy_true FROM trial_noise"),
              ElementsAre("1|0|30|103.5"));
  EXPECT_THAT(Rows(path_, "SELECT seed, step, sharpness, iterations FROM trial_sharpness"),
              ElementsAre("1|0|103.625|20"));
}

TEST_F(MeasurementsTest, ShowHowWellEachClassIsGuessed) {
  auto trajectory = std::make_shared<Trajectory>(*TrajectoryOf(1, 1, 4));
  trajectory->support = {10, 40, 50, 0};
  trajectory->initial_rank = {1, 0, 2, 3};
  trajectory->snapshots[0].guess_count = {0, 80, 20, 0};
  trajectory->snapshots[0].correct_count = {0, 30, 10, 0};
  Write(1, trajectory);
  EXPECT_THAT(
      Rows(path_, "SELECT step, class, initial_rank, precision, recall, f1 FROM class_quality"),
      ElementsAre("0|0|1|NULL|0.0|0.0", "0|1|0|0.375|0.75|0.5",
                  absl::StrCat("0|2|2|0.5|0.2|", "0.285714285714286"), "0|3|3|NULL|NULL|NULL"));
}

}  // namespace
}  // namespace firstguess
