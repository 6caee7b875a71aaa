#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {

// A store on a file, for tests of the view trial_summary.
class TrialSummaryTest : public testing::Test {
 protected:
  TrialSummaryTest() : path_(folder_.File("sweep.db")), store_(path_) {}

  // Trials 1, 2, … with these trajectories.
  void Write(const std::vector<Trajectory>& trajectories) {
    std::vector<int64_t> seeds;
    for (size_t i = 0; i < trajectories.size(); ++i) seeds.push_back(static_cast<int64_t>(i));
    store_.Do(SweepOf(1, static_cast<int64_t>(seeds.size())));
    store_.Do(PackOf(1, 1, seeds));
    for (const int64_t seed : seeds) {
      StoreResult result = ResultOf(seed + 1, 1);
      result.trajectory = std::make_shared<Trajectory>(trajectories[static_cast<size_t>(seed)]);
      ASSERT_TRUE(store_.Do(result).stored);
    }
  }

  // first_step_unbiased|first_step_all_recovered|favoured_flips|max_guess_area
  std::string SummaryOf(TrialId trial_id) {
    return Row(path_, absl::StrCat("SELECT first_step_unbiased, first_step_all_recovered,"
                                   " favoured_flips, max_guess_area FROM trial_summary"
                                   " WHERE trial_id = ",
                                   trial_id));
  }

  TemporaryFolder folder_;
  std::string path_;
  TestStore store_;
};

}  // namespace firstguess
