// Whole sweeps, with workers that live.
#include <string>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cluster/test_cluster.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

TEST(Cluster, TwoWorkersFinishASweepAndTheCountsAgree) {
  TestCluster cluster;
  FakeWorker* const north = cluster.AddWorker({.name = "north", .capacity = 1});
  FakeWorker* const south = cluster.AddWorker({.name = "south", .capacity = 1});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 200)).ok());
  const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("s");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->state(), "done");
  EXPECT_EQ(end->done(), 200);
  EXPECT_EQ(end->pending() + end->leased() + end->failed() + end->cancelled(), 0);
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM trial WHERE status = 'done'"), 200);
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM lease WHERE outcome = 'finished'"), 50);
  EXPECT_EQ(cluster.Count("SELECT COUNT(DISTINCT worker) FROM trial"), 2);
  ASSERT_TRUE(north->AwaitAcknowledged() && south->AwaitAcknowledged());
  const int64_t stored = north->seen().Acknowledged(v1::ResultAck::STORED) +
                         south->seen().Acknowledged(v1::ResultAck::STORED);
  EXPECT_EQ(stored, 200);
}

TEST(Cluster, SweepsThatShareTrialsTrainThemOnce) {
  TestCluster cluster;
  FakeWorker* const worker = cluster.AddWorker({.name = "w"});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("first", 20)).ok());
  ASSERT_TRUE(cluster.AwaitEnd("first").ok());
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("second", 30)).ok());
  const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("second");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->done(), 30);
  ASSERT_TRUE(worker->AwaitAcknowledged());
  EXPECT_EQ(worker->seen().Acknowledged(v1::ResultAck::STORED), 30);
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
}

TEST(Cluster, AnEditedSweepTrainsOnlyWhatIsNew) {
  TestCluster cluster;
  FakeWorker* worker = cluster.AddWorker({.name = "w"});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 9)).ok());
  ASSERT_TRUE(cluster.AwaitEnd("s").ok());
  EXPECT_EQ(cluster.Submit(SpecOfSeeds("s", 12)).status().code(), absl::StatusCode::kAlreadyExists);

  v1::PreviewRequest request;
  request.set_spec(SpecOfSeeds("s", 12));
  v1::PreviewResponse preview;
  grpc::ClientContext context;
  SetDeadline(context);
  ASSERT_TRUE(cluster.client()->Preview(&context, request, &preview).ok());
  EXPECT_EQ(preview.change().cells_kept(), 9);
  EXPECT_EQ(preview.change().cells_added(), 3);
  EXPECT_EQ(preview.change().cells_dropped(), 0);
  EXPECT_EQ(preview.change().trials_known(), 0);

  const auto extended = cluster.Submit(SpecOfSeeds("s", 12), "r", /*extend=*/true);
  ASSERT_TRUE(extended.ok()) << extended.status();
  EXPECT_TRUE(extended->extended());
  EXPECT_EQ(extended->sweep().revision(), 2);
  const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("s");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->done(), 12);
  ASSERT_TRUE(worker->AwaitAcknowledged());
  EXPECT_EQ(worker->seen().Acknowledged(v1::ResultAck::STORED), 12);
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM attempt"), 12);

  // Cells that are dropped keep their rows and leave the counts; a restart forgets nothing.
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 5), "", /*extend=*/true).ok());
  cluster.StopCoordinator();
  cluster.StartCoordinator();
  const absl::StatusOr<v1::SweepStatus> smaller = cluster.Get("s");
  ASSERT_TRUE(smaller.ok()) << smaller.status();
  EXPECT_EQ(smaller->revision(), 3);
  EXPECT_EQ(smaller->cells(), 5);
  EXPECT_EQ(smaller->done(), 5);
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM cell WHERE dropped_in = 3"), 7);
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
}

TEST(Cluster, ATrialThatAlwaysFailsIsRetriedAndThenFailed) {
  TestCluster cluster;
  cluster.AddWorker({.name = "w", .fails = [](const TrialConfig& config) {
                       return config.seed == 3 ? v1::CRASH : v1::FAILURE_CLASS_UNSPECIFIED;
                     }});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 8, /*pack=*/1)).ok());
  const auto others_done = [](const v1::SweepStatus& sweep) { return sweep.done() == 7; };
  // The status is told at most five times a second of simulated time.
  while (!others_done(*cluster.Get("s"))) cluster.Advance(absl::Milliseconds(500));
  for (int i = 0; i < 60 && cluster.Get("s")->state() == "running"; ++i) {
    cluster.Advance(absl::Seconds(1));
  }
  const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("s");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->failed(), 1);
  EXPECT_EQ(cluster.Count("SELECT attempts FROM trial WHERE status = 'failed'"), 3);
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM attempt WHERE outcome = 'crash'"), 3);
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();

  v1::GetRequest request;
  request.set_name("s");
  v1::GetResponse details;
  grpc::ClientContext context;
  SetDeadline(context);
  ASSERT_TRUE(cluster.client()->Get(&context, request, &details).ok());
  ASSERT_EQ(details.failures_size(), 1);
  EXPECT_EQ(details.failures(0).failure_class(), "crash");
  EXPECT_EQ(details.failures(0).message(), "made to fail");
  EXPECT_EQ(details.spec(), SpecOfSeeds("s", 8, 1));
}

TEST(Cluster, ACancelledSweepsWorkStopsAndItsResultsAreNotWanted) {
  TestCluster cluster;
  FakeWorker* const worker = cluster.AddWorker({.name = "w", .capacity = 2, .hold = true});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 20)).ok());
  ASSERT_TRUE(worker->Await([](const FakeWorker::Seen& seen) { return seen.held.size() == 2; }));
  const FakeWorker::Seen before = worker->seen();
  const absl::StatusOr<v1::SweepStatus> cancelled = cluster.Cancel("s");
  ASSERT_TRUE(cancelled.ok()) << cancelled.status();
  EXPECT_EQ(cancelled->state(), "cancelled");
  ASSERT_TRUE(worker->Await([](const FakeWorker::Seen& seen) { return seen.drops.size() == 2; }));
  EXPECT_TRUE(worker->seen().held.empty());
  // One result was under way when the drop came.
  const FakeWorker::Lease& lease = before.held[0];
  worker->SendResultOf(lease.lease_id, *lease.trials.begin());
  ASSERT_TRUE(worker->Await([](const FakeWorker::Seen& seen) {
    return seen.Acknowledged(v1::ResultAck::UNWANTED) == 1;
  }));
  const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("s");
  EXPECT_EQ(end->cancelled(), 20);
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM trial WHERE status = 'cancelled'"), 8);
  EXPECT_EQ(cluster.Count("SELECT cancelled FROM progress"), 20);
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
  EXPECT_EQ(cluster.Cancel("t").status().code(), absl::StatusCode::kNotFound);
}

TEST(Cluster, ADrainedWorkerHandsBackAndLeavesAndTheOtherFinishes) {
  TestCluster cluster;
  FakeWorker* const leaving = cluster.AddWorker({.name = "leaving", .hold = true});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 12)).ok());
  ASSERT_TRUE(leaving->Await([](const FakeWorker::Seen& seen) { return seen.held.size() == 2; }));
  v1::DrainWorkerRequest request;
  request.set_name("leaving");
  v1::DrainWorkerResponse response;
  grpc::ClientContext context;
  SetDeadline(context);
  ASSERT_TRUE(cluster.client()->DrainWorker(&context, request, &response).ok());
  EXPECT_EQ(response.workers(), 1);
  ASSERT_TRUE(leaving->Await([](const FakeWorker::Seen& seen) { return seen.draining; }));
  leaving->Leave();
  cluster.AddWorker({.name = "other"});
  const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("s");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->done(), 12);
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM lease WHERE outcome = 'returned'"), 2);
  EXPECT_EQ(cluster.Count("SELECT TOTAL(attempts) = 0 FROM trial"), 1);
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
}

TEST(Cluster, WhatStopsASweepIsSaid) {
  TestCluster cluster;
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 4)).ok());
  EXPECT_THAT(cluster.Get("s")->waiting_reason(), HasSubstr("no worker is connected"));
}

}  // namespace
}  // namespace firstguess
