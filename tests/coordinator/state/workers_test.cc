#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

TEST(Workers, ANewerConnectionReplacesTheOlder) {
  Machine machine;
  machine.Connect("a", 1);
  machine.TakeAll();
  machine.Connect("a", 2);
  const std::vector<ToWorker> sent = machine.TakeAll();
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[0].epoch, 1);
  EXPECT_TRUE(std::holds_alternative<GoodbyeMessage>(sent[0].message));
  EXPECT_EQ(sent[1].epoch, 2);
  EXPECT_TRUE(std::holds_alternative<WelcomeMessage>(sent[1].message));
  // The end of the older stream says nothing about the newer.
  machine.Apply(WorkerDisconnected{.instance_id = "a", .epoch = 1});
  EXPECT_EQ(machine.WorkerOf("a").state, "connected");
}

TEST(Workers, AnOlderConnectionIsRefused) {
  Machine machine;
  machine.Connect("a", 5);
  machine.TakeAll();
  machine.Connect("a", 4);
  const std::vector<ToWorker> sent = machine.TakeAll();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].epoch, 4);
  EXPECT_EQ(std::get<GoodbyeMessage>(sent[0].message).retry_after, absl::ZeroDuration());
}

TEST(Workers, AHeartbeatOfAnOlderConnectionIsIgnored) {
  Machine machine;
  machine.Submit(SpecOf("s", 1));
  machine.Connect("a", 2);
  machine.TakeAll();
  machine.Heartbeat("a", {}, 100, /*epoch=*/1);
  EXPECT_THAT(machine.TakeAll(), IsEmpty());
  EXPECT_EQ(machine.WorkerOf("a").leases, 1);
}

TEST(Workers, AHeartbeatWithoutAHelloIsToldToSayHello) {
  Machine machine;
  machine.Heartbeat("a", {});
  const auto goodbyes = machine.Take<GoodbyeMessage>("a");
  ASSERT_THAT(goodbyes, SizeIs(1));
  EXPECT_GT(goodbyes[0].retry_after, absl::ZeroDuration());
}

TEST(Workers, EveryHeartbeatIsAnswered) {
  Machine machine;
  machine.Connect("a");
  machine.Heartbeat("a", {});
  EXPECT_THAT(machine.Take<HeartbeatReplyMessage>("a"), SizeIs(1));
}

TEST(Workers, ASilentOneIsLostAndGrantedNothingUntilItIsHeard) {
  Machine machine;
  machine.Connect("a");
  machine.Advance(absl::Seconds(30));
  EXPECT_EQ(machine.WorkerOf("a").state, "lost");
  machine.Submit(SpecOf("s", 1));
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  machine.Heartbeat("a", {});
  EXPECT_EQ(machine.WorkerOf("a").state, "connected");
  EXPECT_THAT(machine.Take<GrantMessage>("a"), SizeIs(1));
}

TEST(Workers, OneThatDoesNotComeBackIsForgotten) {
  Machine machine;
  machine.Connect("a");
  machine.Apply(WorkerDisconnected{.instance_id = "a", .epoch = 1});
  machine.Advance(absl::Minutes(9));
  EXPECT_THAT(machine.state().Workers(machine.now()), SizeIs(1));
  machine.Advance(absl::Minutes(1));
  EXPECT_THAT(machine.state().Workers(machine.now()), IsEmpty());
}

TEST(Workers, OneThatLeftAsToldIsForgottenAtOnce) {
  Machine machine;
  machine.Connect("a");
  machine.Apply(DrainWorker{.token = 1, .name = "a"});
  machine.Apply(WorkerDisconnected{.instance_id = "a", .epoch = 1});
  machine.Advance(absl::Seconds(1));
  EXPECT_THAT(machine.state().Workers(machine.now()), IsEmpty());
}

TEST(Workers, DrainingOutlastsAReconnect) {
  Machine machine;
  machine.Connect("a");
  machine.Apply(DrainWorker{.token = 1, .name = "a"});
  machine.TakeAll();
  machine.Connect("a", 2);
  EXPECT_THAT(machine.Take<DrainMessage>("a"), SizeIs(1));
  EXPECT_EQ(machine.WorkerOf("a").state, "draining");
}

TEST(Workers, DrainingNamesWhoIsNotThere) {
  Machine machine;
  machine.Connect("a");
  machine.Apply(DrainWorker{.token = 1, .name = "b"});
  const Reply reply = machine.TakeReplies().back();
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(reply.status.message(), "no connected worker is called `b`");
}

TEST(Workers, ViewsSayWhatTheyDidAndWhenTheyWereHeard) {
  Machine machine;
  machine.Submit(SpecOf("s", 2, "pack: {max_trials: 1}\n"));
  machine.Connect("a");
  const GrantMessage grant = machine.Take<GrantMessage>("a").front();
  machine.Result("a", grant.lease_id, grant.members[0].trial_id);
  machine.Advance(absl::Seconds(3));
  const WorkerView view = machine.WorkerOf("a");
  EXPECT_EQ(view.leases, 1);
  EXPECT_EQ(view.trials_done, 1);
  EXPECT_EQ(view.heartbeat_age, absl::Seconds(3));
}

TEST(Workers, TrainersTimeIsAddedUpSinceTheWorkersCame) {
  Machine machine;
  const auto says = [&](const std::string& worker, double seconds, double busy_seconds) {
    machine.Apply(WorkerHeartbeat{
        .instance_id = worker, .epoch = 1, .leases = {}, .trainer_time = {seconds, busy_seconds}});
  };
  // What it did for another coordinator, or before this one was started again, is not ours.
  machine.Apply(WorkerConnected{
      .worker = AbleWorker("a", 1), .leases = {}, .unsent = {}, .trainer_time = {100, 80}});
  machine.Connect("b");
  says("a", 110, 89);
  says("b", 4, 1);
  says("b", 6, 3);
  EXPECT_EQ(machine.WorkerOf("a").trainer_time.busy_seconds, 89);
  EXPECT_EQ(machine.state().trainer_time().seconds, 16);
  EXPECT_EQ(machine.state().trainer_time().busy_seconds, 12);
}

TEST(Workers, TheLastWordOfOneThatStopsIsNoSignThatItTakesMore) {
  Machine machine;
  machine.Submit(SpecOf("s", 4, "pack: {max_trials: 1}\n"));
  machine.Connect("a");
  const GrantMessage grant = machine.Take<GrantMessage>("a").front();
  machine.End("a", grant.lease_id, LeaseReportedEnded::Reason::kReturned);
  machine.TakeAll();
  machine.Apply(WorkerTrainerTime{.instance_id = "a", .epoch = 1, .trainer_time = {.seconds = 2}});
  machine.Settle();
  EXPECT_TRUE(machine.Take<GrantMessage>("a").empty());
  EXPECT_EQ(machine.state().trainer_time().seconds, 2);
}

TEST(Workers, AReconnectedWorkersTimeCountsOnce) {
  Machine machine;
  machine.Apply(WorkerConnected{
      .worker = AbleWorker("a", 1), .leases = {}, .unsent = {}, .trainer_time = {1, 0}});
  machine.Apply(WorkerConnected{
      .worker = AbleWorker("a", 2), .leases = {}, .unsent = {}, .trainer_time = {5, 3}});
  machine.Apply(
      WorkerHeartbeat{.instance_id = "a", .epoch = 2, .leases = {}, .trainer_time = {7, 4}});
  EXPECT_EQ(machine.state().trainer_time().seconds, 6);
  EXPECT_EQ(machine.state().trainer_time().busy_seconds, 4);
}

TEST(Workers, OneThatSaysItLeavesGetsNothingMoreAndIsNotMissed) {
  Machine machine;
  machine.Connect("a");
  machine.Apply(WorkerHeartbeat{.instance_id = "a", .epoch = 1, .leases = {}, .leaving = true});
  machine.Submit(SpecOf("s", 1));
  EXPECT_THAT(machine.Take<HeartbeatReplyMessage>("a"), SizeIs(1));
  EXPECT_EQ(machine.WorkerOf("a").state, "draining");
  EXPECT_THAT(machine.Take<GrantMessage>("a"), IsEmpty());
  machine.Apply(WorkerDisconnected{.instance_id = "a", .epoch = 1});
  machine.Advance(absl::Seconds(1));
  EXPECT_THAT(machine.state().Workers(machine.now()), IsEmpty());
}

}  // namespace
}  // namespace firstguess
