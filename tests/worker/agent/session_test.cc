// What an agent says to its coordinator: hello, results until they are acknowledged, the same again
// after a broken connection, goodbye.

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/wire/trajectory_wire.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/common/gate.h"
#include "tests/coordinator/service/fake_trajectory.h"
#include "tests/worker/agent/fake_trainer.h"
#include "tests/worker/agent/running_agent.h"
#include "tests/worker/agent/scripted_coordinator.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SessionTest : public ::testing::Test {
 protected:
  Agent::Options Options(std::vector<std::string> flags = {}) const {
    return RunningAgent::OptionsFor(coordinator_.address(), std::move(flags));
  }
  // The next session, its hello taken and a welcome without wishes said.
  std::shared_ptr<ScriptedSession> Welcomed() {
    std::shared_ptr<ScriptedSession> session = coordinator_.NextSession();
    EXPECT_EQ(session->NextWord(), "hello");
    session->Welcome();
    return session;
  }

  ScriptedCoordinator coordinator_;
};

TEST_F(SessionTest, HelloSaysWhoItIsAndWhatItCanDo) {
  Agent::Options options = Options();
  options.trainers = 2;
  RunningAgent agent(options);
  const v1::Hello hello = coordinator_.NextSession()->Next().hello();
  EXPECT_EQ(hello.protocol_version(), 1);
  EXPECT_EQ(hello.name(), "north");
  EXPECT_FALSE(hello.instance_id().empty());
  EXPECT_EQ(hello.epoch(), 1);
  EXPECT_EQ(hello.build(), "test");
  EXPECT_EQ(hello.device(), "cpu");
  EXPECT_THAT(hello.device_name(), HasSubstr("pid "));
  EXPECT_EQ(hello.memory_bytes(), int64_t{1} << 30);
  EXPECT_THAT(hello.datasets(), ElementsAre("fashion-mnist"));
  EXPECT_THAT(hello.labels(), ElementsAre("quick"));
  EXPECT_EQ(hello.cannot_work_reason(), "");
  EXPECT_EQ(hello.capacity(), 3);
  EXPECT_THAT(hello.inventory().leases(), IsEmpty());
}

TEST_F(SessionTest, ItSaysAgainAndAgainThatItIsAlive) {
  Gate third;
  int signs = 0;
  Agent::Options options = Options();
  options.alive_interval = absl::Milliseconds(1);
  options.on_alive = [&] {
    if (++signs == 3) third.Open();
  };
  RunningAgent agent(options);
  third.Pass();
  EXPECT_EQ(Welcomed()->waiting(), 0u);
}

TEST_F(SessionTest, ALeaseEndsOnceItsResultsAreAcknowledged) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, {0, 1});
  EXPECT_THAT(session->NextWords(2), ElementsAre("result 1/10", "result 1/11"));
  session->Ack(1, 11);
  session->Ack(1, 10);
  EXPECT_EQ(session->NextWord(), "ended 1 FINISHED");
}

TEST_F(SessionTest, AnyAcknowledgementWillDo) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, {0, 1, 2});
  session->NextWords(3);
  session->Ack(1, 10, v1::ResultAck::DUPLICATE);
  session->Ack(1, 11, v1::ResultAck::INVALID);
  session->Ack(1, 12, v1::ResultAck::UNWANTED);
  EXPECT_EQ(session->NextWord(), "ended 1 FINISHED");
}

// Until then another worker may have to go on from it.
TEST_F(SessionTest, ACheckpointIsRemovedOnceItsResultIsStoredOrNotWantedAndNotBefore) {
  const std::string prefix = coordinator_.folder() + "/checkpoint";
  const auto exists = [&](int64_t trial) {
    return std::ifstream(absl::StrCat(prefix, trial)).is_open();
  };
  for (const int64_t trial : {10, 11, 12, 13, 20})
    std::ofstream(absl::StrCat(prefix, trial)) << "x";
  RunningAgent agent(Options({"--checkpoint", prefix}));
  auto session = Welcomed();
  session->Grant(1, {0, 1, 2, 3});
  session->NextWords(4);
  for (const int64_t trial : {10, 11, 12, 13}) EXPECT_TRUE(exists(trial)) << trial;
  session->Ack(1, 10);
  session->Ack(1, 11, v1::ResultAck::DUPLICATE);
  session->Ack(1, 12, v1::ResultAck::UNWANTED);
  session->Ack(1, 13, v1::ResultAck::NOT_FOUND);
  EXPECT_EQ(session->NextWord(), "ended 1 FINISHED");
  for (const int64_t trial : {10, 11, 12}) EXPECT_FALSE(exists(trial)) << trial;
  EXPECT_TRUE(exists(13)) << "its result is nowhere";

  // An acknowledgement that is lost is made good for by the next welcome, which wants nothing.
  session->Grant(2, {0});
  EXPECT_EQ(session->NextWord(), "result 2/20");
  session->Cut();
  session = coordinator_.NextSession();
  EXPECT_EQ(session->NextWord(), "hello");
  EXPECT_TRUE(exists(20));
  session->Welcome(/*drop=*/{1});
  EXPECT_EQ(session->NextWord(), "ended 2 FINISHED");
  EXPECT_FALSE(exists(20));
}

TEST_F(SessionTest, ALargeResultTravelsInChunksAndArrivesWhole) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, {7}, /*timeout_seconds=*/0, /*points=*/10000);
  TrajectoryAssembler assembler;
  int chunks = 0;
  for (bool last = false; !last; ++chunks) {
    const v1::WorkerMessage message = session->Next();
    ASSERT_TRUE(message.has_result());
    EXPECT_LT(message.ByteSizeLong(), size_t{1} << 20);
    ASSERT_TRUE(assembler.Add(message.result().trajectory()).ok());
    last = message.result().last();
  }
  EXPECT_GT(chunks, 1);
  TrialConfig config;
  config.dataset = "fashion-mnist";
  config.steps = 10000;
  config.points = 10000;
  config.seed = 7;
  EXPECT_EQ(ToProto(assembler.Finish()).SerializeAsString(),
            ToProto(FakeTrajectory(config)).SerializeAsString());
}

TEST_F(SessionTest, AtMost64ResultsAreUnacknowledged) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, std::vector<int64_t>(100, 0));
  ASSERT_TRUE(session->AwaitHeartbeat(
      [](const v1::Inventory& inventory) { return inventory.unsent_results_size() == 100; }));
  EXPECT_EQ(session->waiting(), 64);  // what was sent before that heartbeat
  EXPECT_EQ(session->NextWords(64).back(), "result 1/73");
  session->Ack(1, 10);
  EXPECT_EQ(session->NextWord(), "result 1/74");
  session->Ack(1, 11);
  EXPECT_EQ(session->NextWord(), "result 1/75");
}

TEST_F(SessionTest, AReconnectSendsWantedResultsAgainWholeAndForgetsTheOthers) {
  RunningAgent agent(Options());
  auto session = Welcomed();
  session->Grant(1, {5, 6});
  const std::string first = session->Next().result().SerializeAsString();
  EXPECT_EQ(session->NextWord(), "result 1/11");
  session->Cut();

  session = coordinator_.NextSession();
  const v1::Hello hello = session->Next().hello();
  EXPECT_EQ(hello.epoch(), 2);
  ASSERT_EQ(hello.inventory().leases_size(), 1);
  EXPECT_EQ(hello.inventory().leases(0).lease_id(), 1);
  EXPECT_TRUE(hello.inventory().leases(0).begun());
  ASSERT_EQ(hello.inventory().unsent_results_size(), 2);
  session->Welcome(/*drop=*/{}, /*wanted=*/{10});
  EXPECT_EQ(session->Next().result().SerializeAsString(), first);
  session->Ack(1, 10);
  EXPECT_EQ(session->NextWord(), "ended 1 FINISHED");
}

TEST_F(SessionTest, ResultsOfADroppedLeaseAreSentAllTheSame) {
  RunningAgent agent(Options());
  auto session = Welcomed();
  session->Grant(1, {5, 6});
  session->NextWords(2);
  session->Cut();

  session = coordinator_.NextSession();
  session->Next();
  session->Welcome(/*drop=*/{1}, /*wanted=*/{10, 11});
  EXPECT_THAT(session->NextWords(2), ElementsAre("result 1/10", "result 1/11"));
}

TEST_F(SessionTest, AnEndThatMayBeLostIsSaidAgain) {
  RunningAgent agent(Options());
  auto session = Welcomed();
  session->Grant(1, {kFails});
  EXPECT_THAT(session->NextWords(2), ElementsAre("failed 1/10", "ended 1 FINISHED"));
  session->Cut();
  session = Welcomed();
  EXPECT_THAT(session->NextWords(2), ElementsAre("failed 1/10", "ended 1 FINISHED"));
}

TEST_F(SessionTest, AnEndThatTheCoordinatorKnowsIsNotSaidAgain) {
  RunningAgent agent(Options());
  auto session = Welcomed();
  session->Grant(1, {kFails});
  EXPECT_THAT(session->NextWords(2), ElementsAre("failed 1/10", "ended 1 FINISHED"));
  session->DropInReplies({1});
  ASSERT_TRUE(session->AwaitHeartbeat(
      [](const v1::Inventory& inventory) { return inventory.leases().empty(); }));
  session->Cut();
  session = coordinator_.NextSession();
  EXPECT_THAT(session->Next().hello().inventory().leases(), IsEmpty());
}

TEST_F(SessionTest, HeartbeatsNameWhatIsHeld) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, {kHangs});
  session->Grant(2, {kHangs});
  const std::optional<v1::Inventory> inventory =
      session->AwaitHeartbeat([](const v1::Inventory& seen) { return seen.leases_size() == 2; });
  ASSERT_TRUE(inventory.has_value());
  EXPECT_TRUE(inventory->leases(0).begun());
  EXPECT_FALSE(inventory->leases(1).begun());
}

TEST_F(SessionTest, AWorkerOfAnotherVersionEndsWithTheReasonAndDoesNotComeBack) {
  RunningAgent agent(Options());
  const auto session = coordinator_.NextSession();
  session->Next();
  session->Goodbye("this coordinator speaks protocol version 2", 0);
  const absl::Status status = agent.Join();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(status.message(), "this coordinator speaks protocol version 2");
  EXPECT_EQ(coordinator_.sessions(), 1);
}

TEST_F(SessionTest, AGoodbyeForNowIsFollowedByAnotherHello) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Goodbye("back soon", 0.01);
  EXPECT_EQ(coordinator_.NextSession()->Next().hello().epoch(), 2);
}

TEST_F(SessionTest, ItWaitsForACoordinatorThatIsAway) {
  coordinator_.Stop();
  RunningAgent agent(Options());
  coordinator_.Start();
  EXPECT_TRUE(Welcomed()->AwaitHeartbeat([](const v1::Inventory&) { return true; }).has_value());
}

TEST_F(SessionTest, ACoordinatorThatDiesAndComesBackGetsItsResults) {
  RunningAgent agent(Options());
  auto session = Welcomed();
  session->Grant(1, {5});
  EXPECT_EQ(session->NextWord(), "result 1/10");
  coordinator_.Stop();
  coordinator_.Start();
  for (bool offered = false; !offered;) {
    session = coordinator_.NextSession();
    const v1::WorkerMessage message = session->Next();
    offered = message.has_hello();
    if (offered) {
      EXPECT_EQ(message.hello().inventory().unsent_results_size(), 1);
    }
  }
  session->Welcome({}, {10});
  EXPECT_EQ(session->NextWord(), "result 1/10");
  session->Ack(1, 10);
  EXPECT_EQ(session->NextWord(), "ended 1 FINISHED");
}

}  // namespace
}  // namespace firstguess
