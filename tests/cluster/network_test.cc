// Sweeps over a network that is slow, silent, cut or closed, and workers that say things twice: the
// sweep ends with the right tables all the same.
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/cluster/loopback_proxy.h"
#include "tests/cluster/test_cluster.h"

namespace firstguess {
namespace {

using Seen = FakeWorker::Seen;

// A cluster with a network before its coordinator.
struct Networked {
  TestCluster cluster;
  LoopbackProxy network{cluster.folder() + "/network", cluster.folder() + "/socket"};

  FakeWorker* AddFar(const std::string& name, bool hold = false) {
    return cluster.AddWorker(
        {.name = name, .capacity = 2, .hold = hold, .address = network.address()});
  }
  // The sweep ends with so many cells done, the books are right, and no trial was stored twice.
  void ExpectDone(const std::string& name, int64_t cells) {
    const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd(name);
    ASSERT_TRUE(end.ok()) << end.status();
    EXPECT_EQ(end->done(), cells);
    EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
    EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM trial WHERE attempts > 0"), 0);
    EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM trial t WHERE 3 <> (SELECT COUNT(*) FROM "
                            "snapshot s WHERE s.trial_id = t.trial_id)"),
              0);
  }
};

TEST(Network, ASlowOneLosesNothing) {
  Networked test;
  test.network.PassInPiecesOf(50);
  FakeWorker* const far = test.AddFar("far");
  ASSERT_TRUE(test.cluster.Submit(SpecOfSeeds("s", 12)).ok());
  test.ExpectDone("s", 12);
  EXPECT_TRUE(far->AwaitAcknowledged());
  EXPECT_EQ(test.network.connections(), 1);
}

TEST(Network, APartitionShorterThanALeaseChangesNothing) {
  Networked test;
  FakeWorker* const far = test.AddFar("far", /*hold=*/true);
  ASSERT_TRUE(test.cluster.Submit(SpecOfSeeds("s", 8)).ok());
  ASSERT_TRUE(far->Await([](const Seen& seen) { return seen.TrialsHeld() == 8; }));
  ASSERT_TRUE(far->Heartbeat());  // it says that it has begun, so nothing is asked back
  FakeWorker* const idle = test.cluster.AddWorker({.name = "idle"});
  test.network.Hold(LoopbackProxy::kUp);
  test.network.Hold(LoopbackProxy::kDown);
  far->set_reachable(false);
  test.cluster.Advance(absl::Seconds(24));
  far->Release();
  EXPECT_EQ(test.cluster.Get("s")->done(), 0);
  test.network.Release(LoopbackProxy::kUp);
  test.network.Release(LoopbackProxy::kDown);
  test.ExpectDone("s", 8);
  EXPECT_EQ(idle->seen().grants, 0);
  EXPECT_EQ(test.cluster.Count("SELECT COUNT(*) FROM lease WHERE outcome = 'finished'"), 2);
}

// Whoever is behind the partition trains on; when it heals, another has done the same.
TEST(Network, AfterALongPartitionTheResultsOfBothSidesAreStoredOnce) {
  Networked test;
  FakeWorker* const far = test.AddFar("far", /*hold=*/true);
  ASSERT_TRUE(test.cluster.Submit(SpecOfSeeds("s", 8)).ok());
  ASSERT_TRUE(far->Await([](const Seen& seen) { return seen.TrialsHeld() == 8; }));
  test.network.Hold(LoopbackProxy::kUp);
  test.network.Hold(LoopbackProxy::kDown);
  far->set_reachable(false);
  far->Release();
  FakeWorker* const near = test.cluster.AddWorker({.name = "near"});
  test.cluster.Advance(absl::Seconds(31));
  test.ExpectDone("s", 8);
  EXPECT_EQ(near->seen().grants, 2);
  EXPECT_EQ(far->seen().unsent.size(), 8u);
  test.network.Release(LoopbackProxy::kUp);
  test.network.Release(LoopbackProxy::kDown);
  ASSERT_TRUE(far->AwaitAcknowledged());
  EXPECT_EQ(far->seen().Acknowledged(v1::ResultAck::DUPLICATE), 8);
  EXPECT_EQ(test.cluster.Count("SELECT COUNT(*) FROM trial WHERE worker = 'near'"), 8);
  EXPECT_TRUE(test.cluster.CheckBooks().ok()) << test.cluster.CheckBooks();
}

TEST(Network, AWorkerWhoseWordsAloneDoNotArriveLosesItsLeases) {
  Networked test;
  FakeWorker* const far = test.AddFar("far", /*hold=*/true);
  ASSERT_TRUE(test.cluster.Submit(SpecOfSeeds("s", 8)).ok());
  ASSERT_TRUE(far->Await([](const Seen& seen) { return seen.TrialsHeld() == 8; }));
  test.network.Hold(LoopbackProxy::kUp);
  far->set_reachable(false);
  test.cluster.Advance(absl::Seconds(31));
  ASSERT_TRUE(
      test.cluster
          .AwaitStatus("s", [](const v1::SweepStatus& sweep) { return sweep.leased() == 0; })
          .ok());
  EXPECT_EQ(test.cluster.Count("SELECT COUNT(*) FROM lease WHERE outcome = 'expired'"), 2);
  test.cluster.AddWorker({.name = "near"});
  test.ExpectDone("s", 8);
  // Its heartbeats arrive now, and it is told to drop what it holds.
  test.network.Release(LoopbackProxy::kUp);
  far->set_reachable(true);
  EXPECT_TRUE(far->Heartbeat());
  EXPECT_TRUE(far->Await([](const Seen& seen) { return seen.held.empty(); }));
}

TEST(Network, GrantsThatDoNotArriveAreGivenToAnotherInTheEnd) {
  Networked test;
  FakeWorker* const far = test.AddFar("far");
  test.network.Hold(LoopbackProxy::kDown);
  far->set_reachable(false);
  ASSERT_TRUE(test.cluster.Submit(SpecOfSeeds("s", 8)).ok());
  ASSERT_TRUE(
      test.cluster
          .AwaitStatus("s", [](const v1::SweepStatus& sweep) { return sweep.leased() == 8; })
          .ok());
  // Its heartbeats arrive, but do not list what it never heard of.
  test.cluster.Advance(absl::Seconds(29));
  EXPECT_EQ(test.cluster.Count("SELECT COUNT(*) FROM lease"), 2);
  test.cluster.AddWorker({.name = "near"});
  test.network.Cut();
  ASSERT_TRUE(far->Await([](const Seen& seen) { return !seen.connected; }));
  test.cluster.Advance(absl::Seconds(31));
  test.ExpectDone("s", 8);
  EXPECT_EQ(test.cluster.Count("SELECT COUNT(*) FROM trial WHERE worker = 'near'"), 8);
}

TEST(Network, AHalfClosedConnectionIsOverAndItsWorkerComesBack) {
  for (const auto direction : {LoopbackProxy::kUp, LoopbackProxy::kDown}) {
    SCOPED_TRACE(direction);
    Networked test;
    FakeWorker* const far = test.AddFar("far", /*hold=*/true);
    ASSERT_TRUE(test.cluster.Submit(SpecOfSeeds("s", 8)).ok());
    ASSERT_TRUE(far->Await([](const Seen& seen) { return seen.TrialsHeld() == 8; }));
    test.network.HalfClose(direction);
    ASSERT_TRUE(far->Await([](const Seen& seen) { return !seen.connected; }));
    far->TrainUnconnected();
    ASSERT_TRUE(far->Connect());
    test.ExpectDone("s", 8);
    EXPECT_EQ(far->seen().welcomes.back().wanted_trials_size(), 8);
    EXPECT_EQ(test.cluster.Count("SELECT COUNT(*) FROM lease"), 2);
  }
}

// Every result is on the way when the connection is cut, somewhere.
TEST(Network, ACutInTheMiddleOfAResultLosesNoneAndDoublesNone) {
  Networked test;
  FakeWorker* const far = test.AddFar("far", /*hold=*/true);
  int64_t sweeps = 0;
  for (int64_t bytes = 1; bytes < 6000; bytes += 397) {
    SCOPED_TRACE(bytes);
    const std::string name = absl::StrCat("s", ++sweeps);
    ASSERT_TRUE(
        test.cluster.Submit(SpecOfSeeds(name, 8) + absl::StrCat("data_seed: ", sweeps, "\n")).ok());
    ASSERT_TRUE(far->Await([](const Seen& seen) { return seen.TrialsHeld() == 8; }));
    test.network.CutAfter(LoopbackProxy::kUp, bytes);
    far->TrainHeld();
    ASSERT_TRUE(far->Await([](const Seen& seen) { return !seen.connected; }));
    ASSERT_TRUE(far->Connect());
    test.ExpectDone(name, 8);
    ASSERT_TRUE(far->AwaitAcknowledged());
  }
  EXPECT_EQ(test.network.connections(), sweeps + 1);
  EXPECT_EQ(test.cluster.Count("SELECT COUNT(*) FROM attempt"), 8 * sweeps);
}

TEST(Network, TheOldConnectionsWordsAreIgnoredOnceANewOneIsThere) {
  Networked test;
  FakeWorker* const far = test.AddFar("far", /*hold=*/true);
  ASSERT_TRUE(test.cluster.Submit(SpecOfSeeds("s", 8)).ok());
  ASSERT_TRUE(far->Await([](const Seen& seen) { return seen.TrialsHeld() == 8; }));
  // Results, and a heartbeat that holds nothing any more, wait in the old connection.
  test.network.Hold(LoopbackProxy::kUp);
  far->TrainHeld();
  far->HeartbeatUnheard();
  RawSession newer(test.cluster.address());
  v1::WorkerMessage hello;
  hello.mutable_hello()->set_protocol_version(1);
  hello.mutable_hello()->set_name("far");
  hello.mutable_hello()->set_instance_id("far");
  hello.mutable_hello()->set_epoch(2);
  hello.mutable_hello()->set_device("cpu");
  hello.mutable_hello()->add_datasets("fashion-mnist");
  hello.mutable_hello()->set_capacity(2);
  for (const int64_t lease : {1, 2}) {
    hello.mutable_hello()->mutable_inventory()->add_leases()->set_lease_id(lease);
  }
  newer.Send(hello);
  ASSERT_TRUE(newer.Await([](const v1::CoordinatorMessage& m) { return m.has_welcome(); }));
  test.network.Release(LoopbackProxy::kUp);
  ASSERT_TRUE(far->Await([](const Seen& seen) { return !seen.connected; }));
  // The heartbeat took no lease away.
  EXPECT_EQ(test.cluster.Count("SELECT COUNT(*) FROM lease WHERE outcome = 'lost'"), 0);
  EXPECT_FALSE(newer.ended());
  EXPECT_TRUE(test.cluster.CheckBooks().ok()) << test.cluster.CheckBooks();
}

TEST(Network, AWorkerThatSaysEverythingTwiceChangesNothing) {
  TestCluster cluster;
  FakeWorker* const worker = cluster.AddWorker({.name = "w", .capacity = 2, .twice = true});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 24)).ok());
  const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("s");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->done(), 24);
  cluster.Advance(absl::Seconds(11));
  ASSERT_TRUE(worker->Await([](const Seen& seen) { return seen.acknowledgements.size() == 48; }));
  EXPECT_EQ(worker->seen().Acknowledged(v1::ResultAck::STORED), 24);
  EXPECT_EQ(worker->seen().Acknowledged(v1::ResultAck::DUPLICATE), 24);
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM lease WHERE outcome = 'finished'"), 6);
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM attempt"), 24);
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
}

TEST(Network, APausedWorkerIsReplacedAndGoesOnWithoutHarm) {
  TestCluster cluster;
  FakeWorker* const paused = cluster.AddWorker({.name = "paused", .capacity = 2, .hold = true});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 8)).ok());
  ASSERT_TRUE(paused->Await([](const Seen& seen) { return seen.TrialsHeld() == 8; }));
  paused->Pause();
  cluster.Advance(absl::Seconds(31));
  cluster.AddWorker({.name = "other"});
  ASSERT_TRUE(cluster.AwaitEnd("s").ok());
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM trial WHERE worker = 'other'"), 8);
  paused->GoOn();
  paused->Release();
  ASSERT_TRUE(paused->AwaitAcknowledged());
  EXPECT_EQ(paused->seen().Acknowledged(v1::ResultAck::DUPLICATE), 8);
  EXPECT_TRUE(paused->Heartbeat());
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
}

}  // namespace
}  // namespace firstguess
