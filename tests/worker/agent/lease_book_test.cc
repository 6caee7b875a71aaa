#include "worker/agent/lease_book.h"

#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kWindow = 64;

v1::Grant GrantOf(int64_t lease_id, std::initializer_list<int64_t> trials) {
  v1::Grant grant;
  grant.set_lease_id(lease_id);
  for (const int64_t trial : trials) {
    grant.add_trials()->set_trial_id(trial);
    grant.mutable_trials()->rbegin()->set_config(absl::StrCat("config ", trial));
  }
  return grant;
}

v1::Trajectory TrajectoryOf(int64_t pack_size) {
  v1::Trajectory trajectory;
  trajectory.set_pack_size(pack_size);
  return trajectory;
}

v1::TrialFailed FailureOf(int64_t lease_id, int64_t trial_id) {
  v1::TrialFailed failed;
  failed.set_lease_id(lease_id);
  failed.set_trial_id(trial_id);
  failed.set_failure_class(v1::INVALID);
  return failed;
}

// "result 1/5", "failed 1/5", "ended 1 CRASHED": all that may be sent now.
std::vector<std::string> TakeAll(LeaseBook& book, size_t window = kWindow) {
  std::vector<std::string> taken;
  while (const std::optional<v1::WorkerMessage> message = book.NextToSend(window)) {
    if (message->has_result()) {
      taken.push_back(
          absl::StrCat("result ", message->result().lease_id(), "/", message->result().trial_id()));
    } else if (message->has_trial_failed()) {
      taken.push_back(absl::StrCat("failed ", message->trial_failed().lease_id(), "/",
                                   message->trial_failed().trial_id()));
    } else {
      taken.push_back(absl::StrCat("ended ", message->lease_ended().lease_id(), " ",
                                   v1::LeaseEnded::Reason_Name(message->lease_ended().reason())));
    }
  }
  return taken;
}

// "1 begun", "2"; then "unsent 1/5".
std::vector<std::string> InventoryOf(const LeaseBook& book) {
  std::vector<std::string> lines;
  const v1::Inventory inventory = book.Inventory();
  for (const v1::Inventory::Lease& lease : inventory.leases()) {
    lines.push_back(absl::StrCat(lease.lease_id(), lease.begun() ? " begun" : ""));
  }
  for (const v1::Inventory::UnsentResult& result : inventory.unsent_results()) {
    lines.push_back(absl::StrCat("unsent ", result.lease_id(), "/", result.trial_id()));
  }
  return lines;
}

TEST(LeaseBookTest, TheOldestLeaseBeginsFirst) {
  LeaseBook book;
  EXPECT_EQ(book.NextToBegin(), nullptr);
  book.Add(GrantOf(2, {20}));
  book.Add(GrantOf(1, {10}));
  ASSERT_NE(book.NextToBegin(), nullptr);
  EXPECT_EQ(book.NextToBegin()->lease_id, 1);
  EXPECT_EQ(book.NextToBegin()->trials.front().config, "config 10");
  book.Begin(1);
  EXPECT_EQ(book.NextToBegin()->lease_id, 2);
  book.Begin(2);
  EXPECT_EQ(book.NextToBegin(), nullptr);
}

TEST(LeaseBookTest, AGrantThatComesTwiceIsOneLease) {
  LeaseBook book;
  book.Add(GrantOf(1, {10}));
  book.Begin(1);
  book.Add(GrantOf(1, {10}));
  EXPECT_THAT(InventoryOf(book), ElementsAre("1 begun"));
}

TEST(LeaseBookTest, TheEndOfALeaseIsReportedOnceItsResultsAreAcknowledged) {
  LeaseBook book;
  book.Add(GrantOf(1, {10, 11}));
  book.Begin(1);
  book.AddResult(1, 10, TrajectoryOf(1));
  book.AddResult(1, 11, TrajectoryOf(1));
  book.SetOver(1, v1::LeaseEnded::CRASHED, "never said");
  EXPECT_THAT(TakeAll(book), ElementsAre("result 1/10", "result 1/11"));
  book.Acknowledge(1, 10);
  EXPECT_THAT(TakeAll(book), IsEmpty());
  EXPECT_FALSE(book.AllDelivered());
  book.Acknowledge(1, 11);
  EXPECT_THAT(TakeAll(book), ElementsAre("ended 1 FINISHED"));
  EXPECT_TRUE(book.AllDelivered());
}

TEST(LeaseBookTest, ALeaseWithATrialMissingEndsAsSaid) {
  LeaseBook book;
  book.Add(GrantOf(1, {10, 11}));
  book.Begin(1);
  book.AddResult(1, 10, TrajectoryOf(1));
  book.SetOver(1, v1::LeaseEnded::CRASHED, "signal 9");
  book.Acknowledge(1, 10);
  const std::optional<v1::WorkerMessage> message = book.NextToSend(kWindow);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->lease_ended().reason(), v1::LeaseEnded::CRASHED);
  EXPECT_EQ(message->lease_ended().message(), "signal 9");
}

TEST(LeaseBookTest, TheFirstReasonToEndCounts) {
  LeaseBook book;
  book.Add(GrantOf(1, {10}));
  book.Begin(1);
  book.Stop(1, v1::LeaseEnded::DROPPED, "");
  book.Stop(1, v1::LeaseEnded::RETURNED, "");
  EXPECT_THAT(TakeAll(book), IsEmpty());  // it is still being trained
  book.SetOver(1, v1::LeaseEnded::CRASHED, "");
  EXPECT_THAT(TakeAll(book), ElementsAre("ended 1 DROPPED"));
}

TEST(LeaseBookTest, ALeaseThatNobodyBeganEndsAtOnceAndNeverBegins) {
  LeaseBook book;
  book.Add(GrantOf(1, {10}));
  book.Stop(1, v1::LeaseEnded::RETURNED, "");
  EXPECT_EQ(book.NextToBegin(), nullptr);
  EXPECT_THAT(TakeAll(book), ElementsAre("ended 1 RETURNED"));
}

TEST(LeaseBookTest, AFailureCountsAsAReport) {
  LeaseBook book;
  book.Add(GrantOf(1, {10}));
  book.Begin(1);
  book.AddFailure(FailureOf(1, 10));
  book.SetOver(1, v1::LeaseEnded::CRASHED, "");
  EXPECT_THAT(TakeAll(book), ElementsAre("failed 1/10", "ended 1 FINISHED"));
}

TEST(LeaseBookTest, AFailureOfALeaseThatIsGoneIsForgotten) {
  LeaseBook book;
  book.AddFailure(FailureOf(1, 10));
  EXPECT_THAT(TakeAll(book), IsEmpty());
}

TEST(LeaseBookTest, NoMoreResultsAreUnderWayThanAllowed) {
  LeaseBook book;
  book.Add(GrantOf(1, {}));
  for (int64_t trial = 0; trial < 100; ++trial) book.AddResult(1, trial, TrajectoryOf(1));
  EXPECT_EQ(TakeAll(book).size(), kWindow);
  book.Acknowledge(1, 0);
  book.Acknowledge(1, 1);
  EXPECT_THAT(TakeAll(book), ElementsAre("result 1/64", "result 1/65"));
  book.ConnectionLost();
  EXPECT_EQ(TakeAll(book).size(), kWindow);
}

TEST(LeaseBookTest, ABrokenConnectionSendsEverythingUnansweredAgainAndWhole) {
  LeaseBook book;
  book.Add(GrantOf(1, {10, 11}));
  book.Begin(1);
  book.AddFailure(FailureOf(1, 11));
  book.AddResult(1, 10, TrajectoryOf(7));
  EXPECT_THAT(TakeAll(book), ElementsAre("failed 1/11", "result 1/10"));
  book.ConnectionLost();
  book.SetOver(1, v1::LeaseEnded::CRASHED, "");
  EXPECT_THAT(InventoryOf(book), ElementsAre("1 begun", "unsent 1/10"));
  EXPECT_TRUE(book.NextToSend(kWindow)->has_trial_failed());
  const std::optional<v1::WorkerMessage> result = book.NextToSend(kWindow);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->result().trajectory().pack_size(), 7);
  EXPECT_TRUE(result->result().last());
}

TEST(LeaseBookTest, AnEndStaysInTheInventoryUntilTheCoordinatorKnowsIt) {
  LeaseBook book;
  book.Add(GrantOf(1, {10}));
  book.Begin(1);
  book.SetOver(1, v1::LeaseEnded::CRASHED, "");
  EXPECT_THAT(TakeAll(book), ElementsAre("ended 1 CRASHED"));
  EXPECT_THAT(InventoryOf(book), ElementsAre("1 begun"));
  book.ConnectionLost();
  EXPECT_THAT(TakeAll(book), ElementsAre("ended 1 CRASHED"));
  book.Forget(1);  // as the answer to the inventory
  EXPECT_THAT(InventoryOf(book), IsEmpty());
  book.ConnectionLost();
  EXPECT_THAT(TakeAll(book), IsEmpty());
}

TEST(LeaseBookTest, ResultsOutliveTheirLease) {
  LeaseBook book;
  book.Add(GrantOf(1, {10, 11}));
  book.Begin(1);
  book.AddResult(1, 10, TrajectoryOf(1));
  book.Forget(1);
  book.AddResult(1, 11, TrajectoryOf(1));  // was on its way
  EXPECT_THAT(TakeAll(book), ElementsAre("result 1/10", "result 1/11"));
  EXPECT_FALSE(book.AllDelivered());
}

TEST(LeaseBookTest, ResultsThatAreNotWantedAreForgotten) {
  LeaseBook book;
  book.AddResult(1, 10, TrajectoryOf(1));
  book.AddResult(1, 11, TrajectoryOf(1));
  book.KeepWanted(book.Inventory(), {11});
  EXPECT_THAT(InventoryOf(book), ElementsAre("unsent 1/11"));
  EXPECT_THAT(TakeAll(book), ElementsAre("result 1/11"));
}

TEST(LeaseBookTest, AResultNewerThanTheOfferIsKept) {
  LeaseBook book;
  book.AddResult(1, 10, TrajectoryOf(1));
  const v1::Inventory offered = book.Inventory();
  book.AddResult(1, 11, TrajectoryOf(1));
  book.KeepWanted(offered, {});
  EXPECT_THAT(TakeAll(book), ElementsAre("result 1/11"));
}

TEST(LeaseBookTest, AnAcknowledgementOfSomethingElseChangesNothing) {
  LeaseBook book;
  book.AddResult(1, 10, TrajectoryOf(1));
  book.Acknowledge(2, 10);
  book.Acknowledge(1, 11);
  EXPECT_THAT(InventoryOf(book), ElementsAre("unsent 1/10"));
}

}  // namespace
}  // namespace firstguess
