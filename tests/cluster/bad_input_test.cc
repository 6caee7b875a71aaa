// Everything wrong that a worker can say, and what people can ask: an exact answer and a line in
// the log, while another worker goes on undisturbed.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/rpc/channel.h"
#include "common/rpc/protocol.h"
#include "common/rpc/status.h"
#include "common/wire/trajectory_wire.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"
#include "gtest/gtest.h"
#include "tests/cluster/log_lines.h"
#include "tests/cluster/test_cluster.h"
#include "tests/coordinator/service/fake_trajectory.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;
using v1::CoordinatorMessage;
using v1::WorkerMessage;

WorkerMessage ResultOf(int64_t lease, int64_t trial, const Trajectory& trajectory) {
  WorkerMessage message;
  message.mutable_result()->set_lease_id(lease);
  message.mutable_result()->set_trial_id(trial);
  *message.mutable_result()->mutable_trajectory() = ToProto(trajectory);
  message.mutable_result()->set_last(true);
  return message;
}

// A cluster with a worker that must not notice anything.
struct Disturbed {
  TestCluster cluster;
  LogLines log{cluster.folder()};
  FakeWorker* undisturbed = cluster.AddWorker({.name = "undisturbed"});

  // The worker is still on its first stream, and trains a whole sweep.
  ~Disturbed() {
    EXPECT_TRUE(cluster.Submit(SpecOfSeeds("for-all", 20) + "data_seed: 99\n").ok());
    const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("for-all");
    EXPECT_TRUE(end.ok() && end->done() == 20) << end.status();
    EXPECT_EQ(undisturbed->seen().welcomes.size(), 1u);
    EXPECT_TRUE(undisturbed->Heartbeat());
    EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
  }

  // A grant that only the worker of this session, who says hello first, can have.
  v1::Grant GrantTo(RawSession& session, const std::string& name) {
    EXPECT_TRUE(
        cluster.Submit(absl::StrCat(SpecOfSeeds(name, 2), "requires: {labels: [", name, "]}\n"))
            .ok());
    WorkerMessage hello = HelloOf(name);
    hello.mutable_hello()->add_labels(name);
    session.Send(hello);
    const auto granted = session.Await([](const CoordinatorMessage& m) { return m.has_grant(); });
    EXPECT_TRUE(granted.has_value());
    return granted.value_or(CoordinatorMessage()).grant();
  }
};

TEST(BadInput, AHelloWithAFieldOutOfRangeIsRefusedByTheFieldsName) {
  Disturbed test;
  const std::vector<std::pair<std::string, void (*)(v1::Hello*)>> cases = {
      {"hello.name is empty", [](v1::Hello* h) { h->set_name(""); }},
      {"hello.instance_id is empty", [](v1::Hello* h) { h->set_instance_id(""); }},
      {"hello.name has 300 bytes", [](v1::Hello* h) { h->set_name(std::string(300, 'n')); }},
      {"hello.epoch is 0", [](v1::Hello* h) { h->set_epoch(0); }},
      {"hello.memory_bytes is -1", [](v1::Hello* h) { h->set_memory_bytes(-1); }},
      {"hello.capacity is 0", [](v1::Hello* h) { h->set_capacity(0); }},
      {"hello.device is \"tpu\"", [](v1::Hello* h) { h->set_device("tpu"); }},
      {"hello.labels has 5000 entries",
       [](v1::Hello* h) {
         for (int i = 0; i < 5000; ++i) h->add_labels("x");
       }},
      {"inventory.leases.lease_id is -7",
       [](v1::Hello* h) { h->mutable_inventory()->add_leases()->set_lease_id(-7); }},
      {"inventory.unsent_results.lease_id is 0",
       [](v1::Hello* h) { h->mutable_inventory()->add_unsent_results(); }},
  };
  for (const auto& [words, spoil] : cases) {
    SCOPED_TRACE(words);
    RawSession session(test.cluster.address());
    WorkerMessage hello = HelloOf("offender");
    spoil(hello.mutable_hello());
    session.Send(hello);
    const absl::Status end = session.AwaitEnd();
    EXPECT_EQ(end.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(end.message()), HasSubstr(words));
  }
  EXPECT_TRUE(test.log.Have("malformed message", "hello.epoch is 0"));
  EXPECT_EQ(test.cluster.Workers().size(), 1u);
}

TEST(BadInput, AStreamThatNeverSaysHelloIsClosedAfterTenSecondsAndLogged) {
  Disturbed test;
  RawSession silent(test.cluster.address());
  RawSession polite(test.cluster.address());
  polite.Send(HelloOf("polite"));
  ASSERT_TRUE(polite.Await([](const CoordinatorMessage& m) { return m.has_welcome(); }));
  test.cluster.Advance(kHelloTimeout - absl::Seconds(1));
  EXPECT_FALSE(silent.ended());
  // The coordinator learns of the silent one when it comes to it: the time begins then.
  const absl::Duration end = RealClock()->MonotonicNow() + absl::Minutes(1);
  while (!silent.ended() && RealClock()->MonotonicNow() < end) {
    test.cluster.Advance(kHelloTimeout + absl::Seconds(1));
  }
  EXPECT_EQ(silent.AwaitEnd(), absl::DeadlineExceededError("no hello within 10s"));
  EXPECT_TRUE(test.log.Have("stream without hello closed"));
  EXPECT_FALSE(polite.ended());
}

TEST(BadInput, WhatIsSaidOfAnUnknownLeaseChangesNothing) {
  Disturbed test;
  RawSession session(test.cluster.address());
  const v1::Grant grant = test.GrantTo(session, "offender");
  const int64_t trial = grant.trials(0).trial_id();
  WorkerMessage message;
  message.mutable_lease_ended()->set_lease_id(4711);
  message.mutable_lease_ended()->set_reason(v1::LeaseEnded::CRASHED);
  session.Send(message);
  message.mutable_trial_failed()->set_lease_id(4711);
  message.mutable_trial_failed()->set_trial_id(trial);
  message.mutable_trial_failed()->set_failure_class(v1::CRASH);
  session.Send(message);
  const TrialConfig config = *TrialConfigFromJson(grant.trials(0).config());
  session.Send(ResultOf(4711, trial, FakeTrajectory(config)));
  const auto ack = session.Await([](const CoordinatorMessage& m) { return m.has_result_ack(); });
  ASSERT_TRUE(ack.has_value());
  EXPECT_EQ(ack->result_ack().outcome(), v1::ResultAck::NOT_FOUND);
  EXPECT_EQ(test.cluster.Get("offender")->leased(), 2);
  EXPECT_FALSE(session.ended());
}

TEST(BadInput, AResultOfATrialThatWasNeverLeasedToAnybodyIsNotFound) {
  Disturbed test;
  RawSession session(test.cluster.address());
  const v1::Grant grant = test.GrantTo(session, "offender");
  const TrialConfig config = *TrialConfigFromJson(grant.trials(0).config());
  session.Send(ResultOf(grant.lease_id(), 4711, FakeTrajectory(config)));
  const auto ack = session.Await([](const CoordinatorMessage& m) { return m.has_result_ack(); });
  ASSERT_TRUE(ack.has_value());
  EXPECT_EQ(ack->result_ack().outcome(), v1::ResultAck::NOT_FOUND);
  EXPECT_EQ(ack->result_ack().trial_id(), 4711);
  EXPECT_FALSE(session.ended());
  EXPECT_EQ(test.cluster.Get("offender")->done(), 0);
}

TEST(BadInput, ASnapshotWithTheWrongNumberOfClassesIsInvalidAndLogged) {
  Disturbed test;
  RawSession session(test.cluster.address());
  const v1::Grant grant = test.GrantTo(session, "offender");
  const int64_t trial = grant.trials(0).trial_id();
  const Trajectory right = FakeTrajectory(*TrialConfigFromJson(grant.trials(0).config()));
  // Nine classes in all, of a data set of ten; and one vector that differs from the others.
  WorkerMessage nine = ResultOf(grant.lease_id(), trial, right);
  nine.mutable_result()->mutable_trajectory()->mutable_support()->RemoveLast();
  nine.mutable_result()->mutable_trajectory()->mutable_initial_rank()->RemoveLast();
  for (v1::Snapshot& snapshot : *nine.mutable_result()->mutable_trajectory()->mutable_snapshots()) {
    snapshot.mutable_guess_count()->RemoveLast();
    snapshot.mutable_correct_count()->RemoveLast();
    snapshot.mutable_mean_prob()->RemoveLast();
    snapshot.mutable_class_loss()->RemoveLast();
    snapshot.mutable_drift()->RemoveLast();
  }
  WorkerMessage uneven = ResultOf(grant.lease_id(), trial, right);
  uneven.mutable_result()->mutable_trajectory()->mutable_snapshots(1)->add_drift(0);
  const auto why_invalid = [&](const WorkerMessage& message) {
    const size_t before = session.received().size();
    session.Send(message);
    size_t number = 0;
    const auto ack = session.Await(
        [&](const CoordinatorMessage& m) { return ++number > before && m.has_result_ack(); });
    EXPECT_EQ(ack.value_or(CoordinatorMessage()).result_ack().outcome(), v1::ResultAck::INVALID);
    return ack.value_or(CoordinatorMessage()).result_ack().message();
  };
  EXPECT_THAT(why_invalid(nine), HasSubstr("has 9 entries, the data set has 10 classes"));
  EXPECT_EQ(why_invalid(uneven), "snapshot at step 1: drift has 11 classes where others have 10");
  EXPECT_TRUE(test.log.Have("malformed result", "instance=offender"));
  EXPECT_EQ(test.cluster.Count("SELECT COUNT(*) FROM snapshot"), 0);
  session.Send(ResultOf(grant.lease_id(), trial, right));
  EXPECT_TRUE(session.Await([](const CoordinatorMessage& m) {
    return m.result_ack().outcome() == v1::ResultAck::STORED;
  }));
}

TEST(BadInput, AMessageOverTheLimitEndsItsStreamBeforeItIsRead) {
  Disturbed test;
  RawSession session(test.cluster.address());
  const v1::Grant grant = test.GrantTo(session, "offender");
  WorkerMessage message;
  message.mutable_trial_failed()->set_lease_id(grant.lease_id());
  message.mutable_trial_failed()->set_trial_id(grant.trials(0).trial_id());
  message.mutable_trial_failed()->set_message(std::string(5 << 20, 'x'));
  session.Send(message);
  const absl::Status end = session.AwaitEnd();
  EXPECT_EQ(end.code(), absl::StatusCode::kResourceExhausted) << end;
  EXPECT_TRUE(test.log.Await("worker disconnected", "instance=offender"));
}

TEST(BadInput, AWorkerThatDoesNotReadIsCutOffAndLogged) {
  Disturbed test;
  // Else the connection takes some megabytes for it before the coordinator notices.
  grpc::ChannelArguments small_window;
  small_window.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  RawSession session(grpc::CreateCustomChannel(test.cluster.address(),
                                               grpc::InsecureChannelCredentials(), small_window),
                     nullptr, nullptr);
  session.Send(HelloOf("deaf"));
  ASSERT_TRUE(session.Await([](const CoordinatorMessage& m) { return m.has_welcome(); }));
  session.StopReading();
  // Each is answered with a list of leases to drop.
  WorkerMessage heartbeat;
  for (int64_t lease = 1; lease <= 500; ++lease) {
    heartbeat.mutable_heartbeat()->mutable_inventory()->add_leases()->set_lease_id(1'000'000 +
                                                                                   lease);
  }
  for (int i = 0; i < 1'300; ++i) session.Send(heartbeat);
  EXPECT_TRUE(test.log.Await("instance=deaf", "does not read its messages"));
  session.ReadOn();
  EXPECT_FALSE(session.AwaitEnd().ok());
}

// ---- What people ask
// -----------------------------------------------------------------------------

grpc::Status Ask(TestCluster& cluster, const std::string& sql, double timeout_seconds = 0) {
  grpc::ClientContext context;
  SetDeadline(context, absl::Minutes(1));
  v1::QueryRequest request;
  request.set_sql(sql);
  request.set_timeout_seconds(timeout_seconds);
  const auto reader = cluster.client()->Query(&context, request);
  v1::QueryResponse response;
  while (reader->Read(&response)) {
  }
  return reader->Finish();
}

constexpr char kEndless[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n";

TEST(BadInput, AQueryThatWritesOrAttachesIsRefused) {
  Disturbed test;
  ASSERT_TRUE(test.cluster.Submit(SpecOfSeeds("s", 4)).ok());
  ASSERT_TRUE(test.cluster.AwaitEnd("s").ok());
  for (const char* sql :
       {"DELETE FROM trial", "INSERT INTO sweep(name) VALUES ('x')",
        "UPDATE trial SET attempts = 1", "DROP TABLE trial", "CREATE TEMP TABLE x(y)",
        "ATTACH '/tmp/other.db' AS other", "PRAGMA journal_mode = DELETE",
        "PRAGMA user_version = 99", "VACUUM INTO '/tmp/copy.db'", "SELECT load_extension('x')"}) {
    EXPECT_EQ(Ask(test.cluster, sql).error_code(), grpc::StatusCode::PERMISSION_DENIED) << sql;
  }
  EXPECT_EQ(test.cluster.Count("SELECT COUNT(*) FROM trial WHERE attempts = 0"), 4);
}

TEST(BadInput, AQueryThatLoopsOrAsksForABillionRowsIsCutOff) {
  Disturbed test;
  EXPECT_EQ(Ask(test.cluster, kEndless, 0.2).error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  const grpc::Status billion = Ask(test.cluster,
                                   "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                                   "WHERE i < 1000000000) SELECT i FROM n",
                                   0.5);
  EXPECT_TRUE(billion.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
              billion.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED)
      << billion.error_message();
}

// The query is still under way when the sweep is done: it was cancelled, not over.
TEST(BadInput, AWriterDoesNotWaitForAQuery) {
  Disturbed test;
  grpc::ClientContext context;
  SetDeadline(context, absl::Minutes(1));
  v1::QueryRequest request;
  request.set_sql(absl::StrCat("SELECT name FROM sqlite_schema UNION ALL ", kEndless));
  const auto reader = test.cluster.client()->Query(&context, request);
  ASSERT_TRUE(test.cluster.Submit(SpecOfSeeds("s", 40)).ok());
  const absl::StatusOr<v1::SweepStatus> end = test.cluster.AwaitEnd("s");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->done(), 40);
  context.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

}  // namespace
}  // namespace firstguess
