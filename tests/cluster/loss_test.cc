// Sweeps whose workers, connections and coordinator are lost on the way: every trial ends with one
// result all the same.
#include <string>

#include "gtest/gtest.h"
#include "tests/cluster/test_cluster.h"

namespace firstguess {
namespace {

using Seen = FakeWorker::Seen;

TEST(Loss, AKilledWorkersLeasesExpireAndAnotherTrainsThem) {
  TestCluster cluster;
  FakeWorker* const doomed = cluster.AddWorker({.name = "doomed", .capacity = 2, .hold = true});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 12)).ok());
  ASSERT_TRUE(doomed->Await([](const Seen& seen) { return seen.TrialsHeld() == 8; }));
  cluster.KillWorker(doomed);
  FakeWorker* const other = cluster.AddWorker({.name = "other"});
  ASSERT_TRUE(
      other->Await([](const Seen& seen) { return seen.Acknowledged(v1::ResultAck::STORED) == 4; }));
  // A lease lasts 30 s beyond the last heartbeat, and no less.
  cluster.Advance(absl::Seconds(29));
  EXPECT_EQ(cluster.Get("s")->leased(), 8);
  cluster.Advance(absl::Seconds(2));
  const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("s");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->done(), 12);
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM lease WHERE outcome = 'expired'"), 2);
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM trial WHERE worker = 'other'"), 12);
  EXPECT_EQ(cluster.Count("SELECT TOTAL(attempts) = 0 FROM trial"), 1);
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
}

TEST(Loss, ABrokenConnectionLosesNothing) {
  TestCluster cluster;
  FakeWorker* const worker = cluster.AddWorker({.name = "w", .capacity = 2, .hold = true});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 8)).ok());
  ASSERT_TRUE(worker->Await([](const Seen& seen) { return seen.TrialsHeld() == 8; }));
  worker->Disconnect();
  worker->TrainUnconnected();
  EXPECT_EQ(worker->seen().unsent.size(), 8u);
  ASSERT_TRUE(worker->Connect());
  const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("s");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->done(), 8);
  EXPECT_EQ(worker->seen().welcomes.back().wanted_trials_size(), 8);
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM lease"), 2);
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
}

TEST(Loss, ARestartedCoordinatorAdoptsLeasesAndTakesUnsentResultsOnce) {
  TestCluster cluster;
  FakeWorker* const early = cluster.AddWorker({.name = "early", .capacity = 2, .hold = true});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 40)).ok());
  ASSERT_TRUE(early->Await([](const Seen& seen) { return seen.TrialsHeld() == 8; }));
  FakeWorker* const late = cluster.AddWorker({.name = "late", .capacity = 1, .hold = true});
  ASSERT_TRUE(late->Await([](const Seen& seen) { return seen.TrialsHeld() == 4; }));

  cluster.StopCoordinator();
  ASSERT_TRUE(early->Await([](const Seen& seen) { return !seen.connected; }));
  ASSERT_TRUE(late->Await([](const Seen& seen) { return !seen.connected; }));
  EXPECT_EQ(early->seen().goodbyes.size(), 1u);
  EXPECT_GT(early->seen().goodbyes[0].retry_after_seconds(), 0);
  early->TrainUnconnected();  // `late` goes on holding its lease
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM lease WHERE ended_at IS NULL"), 3);
  cluster.StartCoordinator();
  EXPECT_EQ(cluster.Get("s")->leased(), 12);

  ASSERT_TRUE(early->Connect());
  ASSERT_TRUE(late->Connect());
  EXPECT_EQ(early->seen().welcomes.back().wanted_trials_size(), 8);
  EXPECT_EQ(early->seen().welcomes.back().drop_leases_size(), 0);
  EXPECT_EQ(late->seen().welcomes.back().drop_leases_size(), 0);
  cluster.Advance(absl::Seconds(40));  // heartbeats keep what was adopted
  late->Release();
  early->Release();
  const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("s");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->done(), 40);
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM lease"), 10);
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM lease WHERE outcome <> 'finished'"), 0);
  ASSERT_TRUE(early->AwaitAcknowledged() && late->AwaitAcknowledged());
  EXPECT_EQ(early->seen().Acknowledged(v1::ResultAck::STORED) +
                late->seen().Acknowledged(v1::ResultAck::STORED),
            40);
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
}

TEST(Loss, LeasesThatNobodyClaimsAfterARestartExpireThirtySecondsLater) {
  TestCluster cluster;
  FakeWorker* const doomed = cluster.AddWorker({.name = "doomed", .capacity = 2, .hold = true});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 8)).ok());
  ASSERT_TRUE(doomed->Await([](const Seen& seen) { return seen.TrialsHeld() == 8; }));
  cluster.StopCoordinator();
  cluster.KillWorker(doomed);
  cluster.StartCoordinator();
  FakeWorker* const other = cluster.AddWorker({.name = "other"});
  cluster.Advance(absl::Seconds(29));
  EXPECT_EQ(other->seen().grants, 0);
  cluster.Advance(absl::Seconds(2));
  const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("s");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->done(), 8);
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
}

TEST(Loss, AResultSentTwiceIsStoredOnceAndTheSecondCalledDuplicate) {
  TestCluster cluster;
  FakeWorker* const worker = cluster.AddWorker({.name = "w", .capacity = 2, .hold = true});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 4)).ok());
  ASSERT_TRUE(worker->Await([](const Seen& seen) { return seen.TrialsHeld() == 4; }));
  const FakeWorker::Lease lease = worker->seen().held[0];
  worker->Release();
  worker->SendResultOf(lease.lease_id, *lease.trials.begin());  // while the first may be committing
  ASSERT_TRUE(cluster.AwaitEnd("s").ok());
  ASSERT_TRUE(worker->Await([](const Seen& seen) {
    return seen.Acknowledged(v1::ResultAck::STORED) == 4 &&
           seen.Acknowledged(v1::ResultAck::DUPLICATE) == 1;
  }));
  worker->SendResultOf(lease.lease_id, *lease.trials.begin());  // long after
  ASSERT_TRUE(worker->Await(
      [](const Seen& seen) { return seen.Acknowledged(v1::ResultAck::DUPLICATE) == 2; }));
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
}

TEST(Loss, TheFirstResultWinsThoughItsLeaseHasExpired) {
  TestCluster cluster;
  FakeWorker* const slow = cluster.AddWorker({.name = "slow", .capacity = 1, .hold = true});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 4)).ok());
  ASSERT_TRUE(slow->Await([](const Seen& seen) { return seen.TrialsHeld() == 4; }));
  const FakeWorker::Lease expired = slow->seen().held[0];
  slow->Disconnect();
  cluster.Advance(absl::Seconds(31));
  FakeWorker* const fast = cluster.AddWorker({.name = "fast", .capacity = 1, .hold = true});
  ASSERT_TRUE(fast->Await([](const Seen& seen) { return seen.TrialsHeld() == 4; }));
  slow->TrainUnconnected();
  ASSERT_TRUE(slow->Connect());
  ASSERT_TRUE(
      slow->Await([](const Seen& seen) { return seen.Acknowledged(v1::ResultAck::STORED) == 4; }));
  const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("s");
  ASSERT_TRUE(end.ok()) << end.status();
  fast->Release();
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM trial WHERE worker = 'slow'"), 4);
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
}

}  // namespace
}  // namespace firstguess
