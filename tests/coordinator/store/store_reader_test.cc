#include "coordinator/store/store_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/common/temporary_folder.h"
#include "tests/coordinator/store/store_testing.h"

namespace firstguess {
namespace {

using testing::ElementsAre;

class StoreReaderTest : public testing::Test {
 protected:
  StoreReaderTest() : path_(folder_.File("sweep.db")), store_(path_) {
    store_.Do(SweepOf(1, 4));
    store_.Do(PackOf(1, 1, {0, 1, 2, 3}));
  }

  void Fail(TrialId trial_id, FailureClass failure, const std::string& message) {
    store_.Do(EndAttempt{.trial_id = trial_id,
                         .lease_id = 1,
                         .failure = failure,
                         .message = message,
                         .charged = true,
                         .final_failure = true,
                         .at = At(trial_id)});
  }

  TemporaryFolder folder_;
  std::string path_;
  TestStore store_;
};

TEST_F(StoreReaderTest, CountsTrialsByKeyInWhateverState) {
  store_.Do(ResultOf(1, 1));
  const absl::StatusOr<int64_t> known = store_.store().CountKnownTrials(
      {TrialKey(ConfigOf(0)), TrialKey(ConfigOf(1)), TrialKey(ConfigOf(4)), "no key"});
  ASSERT_TRUE(known.ok());
  EXPECT_EQ(*known, 2);
}

TEST_F(StoreReaderTest, GroupsFailuresByClassAndMessageMostFirst) {
  Fail(1, FailureClass::kCrash, "signal 11");
  Fail(2, FailureClass::kInvalid, "probe_size");
  Fail(3, FailureClass::kInvalid, "probe_size");
  const auto groups = store_.store().Failures(1);
  ASSERT_TRUE(groups.ok()) << groups.status();
  ASSERT_EQ(groups->size(), 2U);
  EXPECT_EQ((*groups)[0].failure_class, "invalid");
  EXPECT_EQ((*groups)[0].message, "probe_size");
  EXPECT_EQ((*groups)[0].trials, 2);
  EXPECT_EQ((*groups)[0].worker, "worker-1");
  EXPECT_EQ((*groups)[1].message, "signal 11");
}

TEST_F(StoreReaderTest, FailuresThatDifferInTheLogAfterTheFirstLineAreOneGroupWithTheLatestLog) {
  Fail(1, FailureClass::kCrash, "the trainer ended: signal 7 (BUS)\nloading\nstep 12");
  Fail(2, FailureClass::kCrash, "the trainer ended: signal 7 (BUS)\nloading\nstep 30\n");
  const auto groups = store_.store().Failures(1);
  ASSERT_TRUE(groups.ok()) << groups.status();
  ASSERT_EQ(groups->size(), 1U);
  EXPECT_EQ((*groups)[0].message, "the trainer ended: signal 7 (BUS)");
  EXPECT_EQ((*groups)[0].trials, 2);
  EXPECT_EQ((*groups)[0].log_tail, "loading\nstep 30");
}

TEST_F(StoreReaderTest, NamesTheWorkerOfTheLatestFailure) {
  store_.Do(EndLease{.lease_id = 1, .outcome = "lost", .message = "", .at = At(1)});
  store_.Do(LeasePack{.pack_id = 1, .trials = {1, 2}, .lease = LeaseOf(2)});
  store_.Do(EndAttempt{.trial_id = 1,
                       .lease_id = 2,
                       .failure = FailureClass::kCrash,
                       .message = "signal 11",
                       .charged = true,
                       .final_failure = true,
                       .at = At(9)});
  EXPECT_EQ(store_.store().Failures(1).value()[0].worker, "worker-2");
}

TEST_F(StoreReaderTest, ShowsNoFailuresOfOtherSweeps) {
  Fail(1, FailureClass::kCrash, "signal 11");
  store_.Do(SweepOf(2, 1));
  EXPECT_TRUE(store_.store().Failures(2).value().empty());
}

TEST_F(StoreReaderTest, GivesTheSpecBackAsSubmitted) {
  EXPECT_EQ(store_.store().SpecText(1).value(), "name: sweep-1");
  EXPECT_EQ(store_.store().SpecText(9).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(StoreReaderTest, LoadsWhatIsOpenAndNothingElse) {
  store_.Do(ResultOf(1, 1));
  Fail(2, FailureClass::kCrash, "signal 11");
  const absl::StatusOr<OpenWork> work = store_.store().LoadOpenWork();
  ASSERT_TRUE(work.ok()) << work.status();
  ASSERT_EQ(work->packs.size(), 1U);
  ASSERT_EQ(work->packs[0].trials.size(), 2U);
  EXPECT_EQ(work->packs[0].trials[0].trial_id, 3);
  EXPECT_EQ(work->packs[0].trials[0].config, ConfigOf(2));
  EXPECT_THAT(work->packs[0].wanted_by, ElementsAre(ElementsAre(1), ElementsAre(1)));
  ASSERT_EQ(work->leases.size(), 1U);
  EXPECT_THAT(work->leases[0].trials, ElementsAre(3, 4));
  EXPECT_EQ(work->sweeps[0].revisions[0].last_plan_index, 1U);
}

TEST_F(StoreReaderTest, CountsHowOftenAPackWasLost) {
  store_.Do(EndLease{.lease_id = 1, .outcome = "lost", .message = "", .at = At(1)});
  store_.Do(LeasePack{.pack_id = 1, .trials = {1}, .lease = LeaseOf(2)});
  store_.Do(EndLease{.lease_id = 2, .outcome = "expired", .message = "", .at = At(2)});
  store_.Do(LeasePack{.pack_id = 1, .trials = {1}, .lease = LeaseOf(3)});
  store_.Do(EndLease{.lease_id = 3, .outcome = "crash", .message = "", .at = At(3)});
  EXPECT_EQ(store_.store().LoadOpenWork()->packs[0].times_lost, 2);
}

// A file that somebody changed by hand.
TEST_F(StoreReaderTest, NamesTheTrialWhoseConfigurationCanNotBeRead) {
  store_.Close();
  {
    auto database = sqlite::Database::Open(path_, sqlite::Database::Mode::kReadWrite);
    ASSERT_TRUE((*database)->Execute("UPDATE trial SET config = '{}' WHERE trial_id = 3").ok());
  }
  store_.Reopen();
  const absl::StatusOr<OpenWork> work = store_.store().LoadOpenWork();
  EXPECT_EQ(work.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(work.status().message()), testing::HasSubstr("trial 3"));
}

}  // namespace
}  // namespace firstguess
