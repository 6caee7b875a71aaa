// What the coordinator says to those who do not keep to the protocol, while others go on.
#include <deque>
#include <functional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/protocol.h"
#include "common/wire/trajectory_wire.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cluster/test_cluster.h"
#include "tests/coordinator/service/fake_trajectory.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;
using v1::CoordinatorMessage;
using v1::WorkerMessage;

WorkerMessage ChunkOf(int64_t lease, int64_t trial, bool last) {
  WorkerMessage message;
  message.mutable_result()->set_lease_id(lease);
  message.mutable_result()->set_trial_id(trial);
  message.mutable_result()->set_last(last);
  return message;
}

bool IsGrant(const CoordinatorMessage& message) { return message.has_grant(); }
bool IsAck(const CoordinatorMessage& message) { return message.has_result_ack(); }

TEST(Protocol, AnotherVersionIsToldBothVersionsAndNotToComeBack) {
  TestCluster cluster;
  RawSession session(cluster.address());
  WorkerMessage hello = HelloOf("future");
  hello.mutable_hello()->set_protocol_version(kProtocolVersion + 1);
  session.Send(hello);
  EXPECT_EQ(session.AwaitEnd(), absl::OkStatus());
  ASSERT_EQ(session.received().size(), 1u);
  const v1::Goodbye goodbye = session.received()[0].goodbye();
  EXPECT_THAT(goodbye.reason(), HasSubstr(absl::StrCat("version ", kProtocolVersion + 1)));
  EXPECT_THAT(goodbye.reason(),
              HasSubstr(absl::StrCat("the coordinator version ", kProtocolVersion)));
  EXPECT_EQ(goodbye.retry_after_seconds(), 0);
  EXPECT_TRUE(cluster.Workers().empty());
}

// Sends what each case says after a hello and a grant, and expects the stream to end so.
TEST(Protocol, AMalformedMessageEndsItsStreamWithTheExactStatusAndNoOther) {
  struct Case {
    absl::StatusCode code;
    std::string words;
    std::function<void(RawSession&, const v1::Grant&)> say;
  };
  const Case cases[] = {
      {absl::StatusCode::kInvalidArgument, "a message without content",
       [](RawSession& s, const v1::Grant&) { s.Send(WorkerMessage()); }},
      {absl::StatusCode::kFailedPrecondition, "a second hello",
       [](RawSession& s, const v1::Grant&) { s.Send(HelloOf("again")); }},
      {absl::StatusCode::kInvalidArgument, "heartbeat.last_grant_number is -1",
       [](RawSession& s, const v1::Grant&) {
         WorkerMessage message;
         message.mutable_heartbeat()->set_last_grant_number(-1);
         s.Send(message);
       }},
      {absl::StatusCode::kInvalidArgument, "result.lease_id is 0",
       [](RawSession& s, const v1::Grant&) { s.Send(ChunkOf(0, 1, true)); }},
      {absl::StatusCode::kInvalidArgument, "amid those of trial",
       [](RawSession& s, const v1::Grant& g) {
         s.Send(ChunkOf(g.lease_id(), g.trials(0).trial_id(), false));
         s.Send(ChunkOf(g.lease_id(), g.trials(1).trial_id(), true));
       }},
      {absl::StatusCode::kInvalidArgument, "another message amid the chunks",
       [](RawSession& s, const v1::Grant& g) {
         s.Send(ChunkOf(g.lease_id(), g.trials(0).trial_id(), false));
         WorkerMessage message;
         message.mutable_heartbeat();
         s.Send(message);
       }},
      {absl::StatusCode::kInvalidArgument, "must stay under",
       [](RawSession& s, const v1::Grant& g) {
         WorkerMessage message = ChunkOf(g.lease_id(), g.trials(0).trial_id(), false);
         message.mutable_result()->mutable_trajectory()->add_snapshots()->mutable_drift()->Resize(
             200'000, 1.5);
         s.Send(message);
       }},
      {absl::StatusCode::kInvalidArgument, "failure class 0 is none",
       [](RawSession& s, const v1::Grant& g) {
         WorkerMessage message;
         message.mutable_trial_failed()->set_lease_id(g.lease_id());
         message.mutable_trial_failed()->set_trial_id(g.trials(0).trial_id());
         s.Send(message);
       }},
      {absl::StatusCode::kInvalidArgument, "lease_ended.reason 77 is none",
       [](RawSession& s, const v1::Grant& g) {
         WorkerMessage message;
         message.mutable_lease_ended()->set_lease_id(g.lease_id());
         message.mutable_lease_ended()->set_reason(static_cast<v1::LeaseEnded::Reason>(77));
         s.Send(message);
       }},
  };
  TestCluster cluster;
  FakeWorker* const undisturbed = cluster.AddWorker({.name = "undisturbed", .capacity = 1});
  undisturbed->seen();
  int64_t number = 0;
  for (const Case& one : cases) {
    SCOPED_TRACE(one.words);
    // A sweep of its own for each, whose trials no other has, and that only the offender can have.
    const std::string name = absl::StrCat("offender", ++number);
    ASSERT_TRUE(cluster
                    .Submit(absl::StrCat(SpecOfSeeds(name, 2), "data_seed: ", number,
                                         "\nrequires: {labels: [", name, "]}\n"))
                    .ok());
    RawSession session(cluster.address());
    WorkerMessage hello = HelloOf(name);
    hello.mutable_hello()->add_labels(name);
    session.Send(hello);
    const auto granted = session.Await(IsGrant);
    ASSERT_TRUE(granted.has_value());
    one.say(session, granted->grant());
    const absl::Status end = session.AwaitEnd();
    EXPECT_EQ(end.code(), one.code) << end;
    EXPECT_THAT(std::string(end.message()), HasSubstr(one.words));
  }
  EXPECT_TRUE(undisturbed->seen().connected);
  EXPECT_TRUE(undisturbed->Heartbeat());
  EXPECT_EQ(undisturbed->seen().welcomes.size(), 1u);
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("for-all", 50)).ok());
  const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("for-all");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->state(), "done");
}

TEST(Protocol, TheFirstMessageMustBeAValidHello) {
  TestCluster cluster;
  RawSession early(cluster.address());
  early.Send(ChunkOf(1, 1, true));
  EXPECT_EQ(early.AwaitEnd(), absl::FailedPreconditionError("the first message must be hello"));

  RawSession wrong(cluster.address());
  WorkerMessage hello = HelloOf("wrong");
  hello.mutable_hello()->set_capacity(1000);
  wrong.Send(hello);
  EXPECT_EQ(wrong.AwaitEnd().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(cluster.Workers().empty());
}

TEST(Protocol, AMalformedResultIsAcknowledgedAsInvalidAndTheStreamGoesOn) {
  TestCluster cluster;
  RawSession session(cluster.address());
  session.Send(HelloOf("w"));
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 2)).ok());
  const auto granted = session.Await(IsGrant);
  ASSERT_TRUE(granted.has_value());
  const v1::Grant& grant = granted->grant();
  const TrialConfig config = *TrialConfigFromJson(grant.trials(0).config());
  Trajectory trajectory = FakeTrajectory(config);
  trajectory.snapshots.pop_back();
  WorkerMessage message = ChunkOf(grant.lease_id(), grant.trials(0).trial_id(), true);
  *message.mutable_result()->mutable_trajectory() = ToProto(trajectory);
  session.Send(message);
  const auto invalid = session.Await(IsAck);
  ASSERT_TRUE(invalid.has_value());
  EXPECT_EQ(invalid->result_ack().outcome(), v1::ResultAck::INVALID);
  EXPECT_THAT(invalid->result_ack().message(), HasSubstr("2 snapshots, the trial has 3"));

  // In two chunks now, as it should be.
  trajectory = FakeTrajectory(config);
  const v1::Trajectory whole = ToProto(trajectory);
  WorkerMessage first = ChunkOf(grant.lease_id(), grant.trials(0).trial_id(), false);
  *first.mutable_result()->mutable_trajectory()->add_snapshots() = whole.snapshots(0);
  WorkerMessage second = ChunkOf(grant.lease_id(), grant.trials(0).trial_id(), true);
  *second.mutable_result()->mutable_trajectory() = whole;
  second.mutable_result()->mutable_trajectory()->mutable_snapshots()->DeleteSubrange(0, 1);
  session.Send(first);
  session.Send(second);
  EXPECT_TRUE(session.Await([](const CoordinatorMessage& m) {
    return m.has_result_ack() && m.result_ack().outcome() == v1::ResultAck::STORED;
  }));
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM snapshot"), 3);
}

TEST(Protocol, ResultsOfForeignAndUnknownLeasesAreRefusedByTheirNames) {
  TestCluster cluster;
  RawSession owner(cluster.address());
  owner.Send(HelloOf("owner"));
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 2)).ok());
  const auto granted = owner.Await(IsGrant);
  ASSERT_TRUE(granted.has_value());
  const v1::Grant& grant = granted->grant();
  RawSession thief(cluster.address());
  thief.Send(HelloOf("thief"));
  const auto answer = [&](int64_t lease, int64_t trial) {
    WorkerMessage message = ChunkOf(lease, trial, true);
    *message.mutable_result()->mutable_trajectory() =
        ToProto(FakeTrajectory(*TrialConfigFromJson(grant.trials(0).config())));
    thief.Send(message);
    const auto ack = thief.Await([&](const CoordinatorMessage& m) {
      return m.has_result_ack() && m.result_ack().lease_id() == lease &&
             m.result_ack().trial_id() == trial;
    });
    return ack.has_value() ? ack->result_ack().outcome() : v1::ResultAck::OUTCOME_UNSPECIFIED;
  };
  EXPECT_EQ(answer(grant.lease_id(), grant.trials(0).trial_id()), v1::ResultAck::PERMISSION_DENIED);
  EXPECT_EQ(answer(grant.lease_id() + 1000, grant.trials(0).trial_id()), v1::ResultAck::NOT_FOUND);
  EXPECT_EQ(cluster.Get("s")->done(), 0);
}

// The next result may be here before the acknowledgement that made room for it has left for good.
TEST(Protocol, AWorkerThatAlwaysHas64ResultsUnacknowledgedIsNeverCutOff) {
  constexpr int64_t kTrials = 2'000;
  TestCluster cluster;
  RawSession* session = nullptr;
  int64_t unacknowledged = 0;
  std::deque<WorkerMessage> waiting;
  RawSession greedy(cluster.address(), [&](const CoordinatorMessage& message) {
    for (const v1::Grant::Trial& trial : message.grant().trials()) {
      WorkerMessage result = ChunkOf(message.grant().lease_id(), trial.trial_id(), true);
      *result.mutable_result()->mutable_trajectory() =
          ToProto(FakeTrajectory(*TrialConfigFromJson(trial.config())));
      waiting.push_back(std::move(result));
    }
    if (message.has_result_ack()) --unacknowledged;
    for (; !waiting.empty() && unacknowledged < kMaxUnacknowledgedResults; ++unacknowledged) {
      session->Send(std::move(waiting.front()));
      waiting.pop_front();
    }
  });
  session = &greedy;
  WorkerMessage hello = HelloOf("greedy");
  hello.mutable_hello()->set_capacity(8);
  greedy.Send(hello);
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", kTrials, /*pack=*/64)).ok());
  int64_t stored = 0;
  EXPECT_TRUE(greedy.Await([&](const CoordinatorMessage& message) {
    if (message.result_ack().outcome() == v1::ResultAck::STORED) ++stored;
    return stored == kTrials;
  }));
  EXPECT_FALSE(greedy.ended());
}

TEST(Protocol, ANewerConnectionEndsTheOlderStream) {
  TestCluster cluster;
  RawSession older(cluster.address());
  older.Send(HelloOf("w"));
  ASSERT_TRUE(older.Await([](const CoordinatorMessage& m) { return m.has_welcome(); }));
  RawSession newer(cluster.address());
  WorkerMessage hello = HelloOf("w");
  hello.mutable_hello()->set_epoch(2);
  newer.Send(hello);
  ASSERT_TRUE(newer.Await([](const CoordinatorMessage& m) { return m.has_welcome(); }));
  EXPECT_EQ(older.AwaitEnd(), absl::OkStatus());
  EXPECT_TRUE(older.Await([](const CoordinatorMessage& m) { return m.has_goodbye(); }));
  ASSERT_EQ(cluster.Workers().size(), 1u);
  EXPECT_EQ(cluster.Workers()[0].state(), "connected");

  RawSession same(cluster.address());
  same.Send(hello);
  EXPECT_EQ(same.AwaitEnd().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_FALSE(newer.ended());
}

}  // namespace
}  // namespace firstguess
