#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {

// A store on a file, for tests of single writes. What must hold in every file is checked at the end
// of each test.
class Writes : public testing::Test {
 protected:
  Writes() : path_(folder_.File("sweep.db")), store_(path_) {}
  ~Writes() override { EXPECT_EQ(Violation(path_), ""); }

  // Sweep 1 with its first pack open: trials 1, 2, … with seeds 0, 1, …, leased by lease 1.
  void OpenPackOf(int64_t trials, int64_t cells) {
    store_.Do(SweepOf(1, cells));
    std::vector<int64_t> seeds;
    for (int64_t seed = 0; seed < trials; ++seed) seeds.push_back(seed);
    store_.Do(PackOf(1, 1, seeds));
  }

  EndAttempt Failure(TrialId trial_id, bool final_failure) {
    return {.trial_id = trial_id,
            .lease_id = 1,
            .failure = FailureClass::kCrash,
            .message = "signal 11",
            .charged = true,
            .final_failure = final_failure,
            .at = At(5)};
  }

  std::string StatusOf(TrialId trial_id) {
    return Row(path_, absl::StrCat("SELECT status FROM trial WHERE trial_id = ", trial_id));
  }
  // cells|done|failed|cancelled|leased|pending|diverged
  std::string Progress(SweepId sweep_id) {
    return Row(path_,
               absl::StrCat("SELECT cells, done, failed, cancelled, leased, pending, diverged"
                            " FROM progress WHERE sweep_id = ",
                            sweep_id));
  }
  std::string SweepRow(SweepId sweep_id) {
    return Row(path_,
               absl::StrCat("SELECT state, finished_at FROM sweep WHERE sweep_id = ", sweep_id));
  }

  TemporaryFolder folder_;
  std::string path_;
  TestStore store_;
};

}  // namespace firstguess
