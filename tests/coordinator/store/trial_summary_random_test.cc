// The view trial_summary against the same numbers recomputed from drawn trajectories.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/coordinator/store/trial_summary_fixture.h"

namespace firstguess {
namespace {

struct Summary {
  std::optional<int64_t> first_step_unbiased;
  std::optional<int64_t> first_step_all_recovered;
  std::optional<int64_t> favoured_flips;
  std::optional<double> max_guess_area;
};

bool AllRecovered(const Trajectory& trajectory, const Snapshot& snapshot) {
  const auto classes = static_cast<double>(trajectory.support.size());
  bool any = false;
  for (size_t c = 0; c < trajectory.support.size(); ++c) {
    if (trajectory.support[c] == 0) continue;
    any = true;
    const double recall =
        static_cast<double>(snapshot.correct_count[c]) / static_cast<double>(trajectory.support[c]);
    if (recall <= 1 / classes) return false;
  }
  return any;
}

Summary Summarise(const Trajectory& trajectory) {
  Summary summary;
  std::optional<std::ptrdiff_t> favoured_before;
  double area = 0;
  for (size_t i = 0; i < trajectory.snapshots.size(); ++i) {
    const Snapshot& snapshot = trajectory.snapshots[i];
    if (!summary.first_step_unbiased && snapshot.max_guess < 0.2) {
      summary.first_step_unbiased = snapshot.step;
    }
    if (!summary.first_step_all_recovered && AllRecovered(trajectory, snapshot)) {
      summary.first_step_all_recovered = snapshot.step;
    }
    const std::vector<int64_t>& counts = snapshot.guess_count;
    const std::ptrdiff_t favoured =
        std::max_element(counts.begin(), counts.end()) - counts.begin();  // of equals the first
    if (!summary.favoured_flips) summary.favoured_flips = 0;
    if (favoured_before && *favoured_before != favoured) ++*summary.favoured_flips;
    favoured_before = favoured;
    if (i == 0) continue;
    const Snapshot& before = trajectory.snapshots[i - 1];
    area += (snapshot.max_guess + before.max_guess) / 2 *
            static_cast<double>(snapshot.step - before.step);
    summary.max_guess_area = area / static_cast<double>(snapshot.step);
  }
  return summary;
}

// Guesses and hits are drawn so that ties, chance level and classes without examples are common.
Trajectory DrawTrajectory(std::mt19937_64* random) {
  const auto draw = [random](int64_t below) {
    return static_cast<int64_t>((*random)() % static_cast<uint64_t>(below));
  };
  Trajectory trajectory;
  const int64_t classes = 1 + draw(5);
  for (int64_t c = 0; c < classes; ++c) {
    trajectory.support.push_back(draw(3) * classes);
    trajectory.initial_rank.push_back(c);
  }
  int64_t step = 0;
  for (int64_t left = draw(12); left > 0; --left) {
    Snapshot& snapshot = trajectory.snapshots.emplace_back();
    snapshot.step = step;
    step += 1 + draw(9);
    snapshot.max_guess = static_cast<double>(draw(1000)) / (draw(2) == 0 ? 1000 : 5000);
    for (int64_t c = 0; c < classes; ++c) {
      snapshot.guess_count.push_back(draw(3));
      snapshot.correct_count.push_back(
          std::min(draw(4), trajectory.support[static_cast<size_t>(c)]));
      snapshot.mean_prob.push_back(0);
      snapshot.class_loss.push_back(kNotMeasured);
      snapshot.drift.push_back(0);
    }
  }
  return trajectory;
}

std::string Text(const std::optional<int64_t>& value) {
  return value ? absl::StrCat(*value) : "NULL";
}

TEST_F(TrialSummaryTest, AgreesWithANaiveRecomputation) {
  const char* said = std::getenv("FIRSTGUESS_SEED");
  const uint64_t seed = said != nullptr ? std::strtoull(said, nullptr, 10) : std::random_device()();
  SCOPED_TRACE(absl::StrCat("replay with FIRSTGUESS_SEED=", seed));
  RecordProperty("seed", absl::StrCat(seed));
  std::mt19937_64 random(seed);
  std::vector<Trajectory> trajectories(400);
  for (Trajectory& trajectory : trajectories) trajectory = DrawTrajectory(&random);
  Write(trajectories);
  const std::vector<std::string> rows =
      Rows(path_,
           "SELECT first_step_unbiased, first_step_all_recovered, favoured_flips,"
           " max_guess_area FROM trial_summary ORDER BY trial_id");
  ASSERT_EQ(rows.size(), trajectories.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    SCOPED_TRACE(absl::StrCat("trial ", i + 1, ": ", rows[i]));
    const Summary expected = Summarise(trajectories[i]);
    const std::vector<std::string> found = absl::StrSplit(rows[i], '|');
    EXPECT_EQ(found[0], Text(expected.first_step_unbiased));
    EXPECT_EQ(found[1], Text(expected.first_step_all_recovered));
    EXPECT_EQ(found[2], Text(expected.favoured_flips));
    double area = 0;
    ASSERT_EQ(absl::SimpleAtod(found[3], &area), expected.max_guess_area.has_value());
    EXPECT_NEAR(area, expected.max_guess_area.value_or(0), 1e-12);
  }
}

}  // namespace
}  // namespace firstguess
