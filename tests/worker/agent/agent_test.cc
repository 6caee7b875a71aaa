// What an agent does with its trainers: work, stop, crash, hang; and how it leaves.

#include "worker/agent/agent.h"

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/worker/agent/fake_trainer.h"
#include "tests/worker/agent/gated_test.h"
#include "tests/worker/agent/running_agent.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class AgentTest : public GatedTest {
 protected:
  Agent::Options Options(std::vector<std::string> flags = {}) const {
    return RunningAgent::OptionsFor(coordinator_.address(), std::move(flags));
  }
  // Grants a lease and sees it through.
  static void ExpectWorks(ScriptedSession& session, int64_t lease_id) {
    session.Grant(lease_id, {0});
    EXPECT_EQ(session.Next().result().lease_id(), lease_id);
    session.Ack(lease_id, 10 * lease_id);
    EXPECT_EQ(session.Next().lease_ended().lease_id(), lease_id);
  }
};

TEST_F(AgentTest, TrainersWorkSideBySideOnTheOldestLeases) {
  Agent::Options options = Options();
  options.trainers = 2;
  RunningAgent agent(options);
  const auto session = Welcomed();
  for (const int64_t lease : {1, 2, 3}) session->Grant(lease, {kHangs});
  const std::optional<v1::Inventory> inventory =
      session->AwaitHeartbeat([](const v1::Inventory& seen) {
        return seen.leases_size() == 3 && seen.leases(0).begun() && seen.leases(1).begun();
      });
  ASSERT_TRUE(inventory.has_value());
  EXPECT_FALSE(inventory->leases(2).begun());
}

TEST_F(AgentTest, AFailedTrialCostsNoOther) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, {kFails, 5});
  const v1::TrialFailed failed = session->Next().trial_failed();
  EXPECT_EQ(failed.trial_id(), 10);
  EXPECT_EQ(failed.failure_class(), v1::INVALID);
  EXPECT_EQ(failed.message(), "no such thing");
  EXPECT_EQ(session->NextWord(), "result 1/11");
  session->Ack(1, 11);
  EXPECT_EQ(session->NextWord(), "ended 1 FINISHED");
}

TEST_F(AgentTest, ACrashCostsItsLeaseOnlyAndIsExplained) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, {5, kCrashes});
  session->Grant(2, {6});
  EXPECT_EQ(session->NextWord(), "result 1/10");
  session->Ack(1, 10);
  // The other lease's result may come before the crash is told.
  v1::WorkerMessage told = session->Next();
  v1::WorkerMessage other = session->Next();
  if (!told.has_lease_ended()) std::swap(told, other);
  EXPECT_EQ(told.lease_ended().lease_id(), 1);
  EXPECT_EQ(told.lease_ended().reason(), v1::LeaseEnded::CRASHED);
  EXPECT_THAT(told.lease_ended().message(), HasSubstr("signal 6 (ABRT)"));
  EXPECT_THAT(told.lease_ended().message(), HasSubstr("the device caught fire"));
  EXPECT_EQ(WordOf(other), "result 2/20");
}

TEST_F(AgentTest, ATrainerThatCrashesAtEachTrialIsStartedAgainEachTime) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  for (const int64_t lease : {1, 2, 3}) {
    session->Grant(lease, {kExits});
    const v1::LeaseEnded ended = session->Next().lease_ended();
    EXPECT_EQ(ended.lease_id(), lease);
    EXPECT_EQ(ended.reason(), v1::LeaseEnded::CRASHED);
    EXPECT_THAT(ended.message(), HasSubstr("exit code 3"));
  }
  ExpectWorks(*session, 4);
}

TEST_F(AgentTest, ATrialThatTheTrainerLeavesOutIsNotTakenForReported) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, {kLeavesOut});
  EXPECT_EQ(session->NextWord(), "ended 1 CRASHED");
}

TEST_F(AgentTest, AShapeThatTheTrainerCantDoIsRefusedWithTheReasonAndItGoesOn) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, {kIncapable, 5});
  const v1::LeaseEnded ended = session->Next().lease_ended();
  EXPECT_EQ(ended.lease_id(), 1);
  EXPECT_EQ(ended.reason(), v1::LeaseEnded::INCAPABLE);
  EXPECT_EQ(ended.message(), "no such shape here");
  ExpectWorks(*session, 2);
}

TEST_F(AgentTest, ADropStopsABegunLeaseAndTheTrainerGoesOn) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, {kHangs});
  session->Grant(2, {6});
  AwaitBegun(*session, 1);
  session->Drop(1, /*only_if_not_begun=*/false);
  EXPECT_THAT(session->NextWords(2),
              testing::UnorderedElementsAre("ended 1 DROPPED", "result 2/20"));
}

TEST_F(AgentTest, ADropOfWhatDidNotBeginGivesItBackAndLeavesWhatDid) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, {kWaitsAtGate});
  session->Grant(2, {6});
  AwaitBegun(*session, 1);
  session->Drop(1, /*only_if_not_begun=*/true);
  session->Drop(2, /*only_if_not_begun=*/true);
  EXPECT_EQ(session->NextWord(), "ended 2 RETURNED");
  OpenGate();
  EXPECT_EQ(session->NextWord(), "result 1/10");
}

TEST_F(AgentTest, ALeaseThatAHeartbeatIsToldToDropEndsWithoutAWord) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, {kHangs});
  AwaitBegun(*session, 1);
  session->DropInReplies({1});
  AwaitBegun(*session, 0);
  session->DropInReplies({});
  ExpectWorks(*session, 2);
}

TEST_F(AgentTest, ATrainerThatDoesNotStopIsReplaced) {
  Agent::Options options = Options();
  options.stop_grace = absl::Milliseconds(20);
  RunningAgent agent(options);
  const auto session = Welcomed();
  session->Grant(1, {kHangsForGood});
  AwaitBegun(*session, 1);
  session->Drop(1, /*only_if_not_begun=*/false);
  EXPECT_EQ(session->NextWord(), "ended 1 DROPPED");
  ExpectWorks(*session, 2);
}

TEST_F(AgentTest, ATrialThatTakesTooLongEndsItsLeaseAsTimedOut) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, {5, kHangsForGood}, /*timeout_seconds=*/0.1);
  EXPECT_EQ(session->NextWord(), "result 1/10");
  session->Ack(1, 10);
  EXPECT_EQ(session->NextWord(), "ended 1 TIMED_OUT");
  ExpectWorks(*session, 2);
}

TEST_F(AgentTest, ATrainerThatReportedAllInTimeIsLeftAlone) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, {5}, /*timeout_seconds=*/60);
  session->Grant(2, {kHangs}, /*timeout_seconds=*/60);
  EXPECT_EQ(session->NextWord(), "result 1/10");
  session->Ack(1, 10);
  EXPECT_EQ(session->NextWord(), "ended 1 FINISHED");
  session->Drop(2, /*only_if_not_begun=*/false);
  EXPECT_EQ(session->NextWord(), "ended 2 DROPPED");
  ExpectWorks(*session, 3);
}

TEST_F(AgentTest, AWorkerWhoseTrainerCannotWorkSaysWhyUntilItCan) {
  const std::string data = coordinator_.folder() + "/data";
  RunningAgent agent(Options({"--cannot-work", "no data set was found", "--unless", data}));
  auto session = coordinator_.NextSession();
  EXPECT_EQ(session->Next().hello().cannot_work_reason(), "no data set was found");
  session->Welcome();
  std::ofstream(data).put('\n');
  session = coordinator_.NextSession();
  const v1::Hello hello = session->Next().hello();
  EXPECT_EQ(hello.cannot_work_reason(), "");
  EXPECT_EQ(hello.epoch(), 2);
  EXPECT_THAT(hello.datasets(), ElementsAre("fashion-mnist"));
  session->Welcome();
  ExpectWorks(*session, 1);
}

TEST_F(AgentTest, AWorkerWhoseTrainerDoesNotStartSaysHowItEnded) {
  RunningAgent agent(Options({"--exit-at-start", "7"}));
  const std::string reason = coordinator_.NextSession()->Next().hello().cannot_work_reason();
  EXPECT_THAT(reason, HasSubstr("exit code 7"));
  EXPECT_THAT(reason, HasSubstr("a library is missing"));
}

TEST_F(AgentTest, AWorkerThatCannotWorkAnyMoreReturnsWhatItHolds) {
  const std::string data = coordinator_.folder() + "/data";
  std::ofstream(data).put('\n');
  RunningAgent agent(Options({"--cannot-work", "the data are gone", "--unless", data}));
  auto session = Welcomed();
  ASSERT_EQ(remove(data.c_str()), 0);
  session->Grant(1, {kExits});
  session->Grant(2, {6});
  EXPECT_EQ(session->NextWord(), "ended 1 CRASHED");
  session = coordinator_.NextSession();
  EXPECT_EQ(session->Next().hello().cannot_work_reason(), "the data are gone");
  session->Welcome();
  EXPECT_THAT(session->NextWords(2), ElementsAre("ended 1 CRASHED", "ended 2 RETURNED"));
}

TEST_F(AgentTest, ADrainedWorkerFinishesWhatBeganReturnsTheRestAndLeaves) {
  Agent::Options options = Options();
  options.stop_time = absl::Minutes(1);
  RunningAgent agent(options);
  const auto session = Welcomed();
  session->Grant(1, {kWaitsAtGate});
  session->Grant(2, {6});
  AwaitBegun(*session, 1);
  session->Drain();
  EXPECT_EQ(session->NextWord(), "ended 2 RETURNED");
  session->Grant(3, {7});  // was on its way
  EXPECT_EQ(session->NextWord(), "ended 3 RETURNED");
  OpenGate();
  EXPECT_EQ(session->NextWord(), "result 1/10");
  session->Ack(1, 10);
  EXPECT_EQ(session->NextWord(), "ended 1 FINISHED");
  EXPECT_TRUE(agent.Join().ok());
  EXPECT_TRUE(session->AwaitEnd());
  EXPECT_EQ(session->NextWord(), "over");
}

TEST_F(AgentTest, AStoppedWorkerDeliversWhatIsDoneReturnsTheRestAndLeaves) {
  Agent::Options options = Options();
  options.stop_time = absl::Minutes(1);
  RunningAgent agent(options);
  const auto session = Welcomed();
  session->Grant(1, {5, kHangs});
  session->Grant(2, {6});
  EXPECT_EQ(session->NextWord(), "result 1/10");
  agent.RequestStop();
  EXPECT_EQ(session->NextWord(), "ended 2 RETURNED");
  session->Ack(1, 10);
  EXPECT_EQ(session->NextWord(), "ended 1 RETURNED");
  EXPECT_TRUE(agent.Join().ok());
  EXPECT_TRUE(session->AwaitEnd());
}

TEST_F(AgentTest, AStopIsNotHeldUpByATrainerThatDoesNotStop) {
  Agent::Options options = Options();
  options.stop_time = absl::Minutes(1);
  options.stop_grace = absl::Milliseconds(20);
  RunningAgent agent(options);
  const auto session = Welcomed();
  session->Grant(1, {kHangsForGood});
  AwaitBegun(*session, 1);
  agent.RequestStop();
  EXPECT_EQ(session->NextWord(), "ended 1 RETURNED");
  EXPECT_TRUE(agent.Join().ok());
}

TEST_F(AgentTest, HeartbeatsSayHowLongTrainersTrainedAndItsLastWordSaysAll) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  EXPECT_TRUE(session->AwaitHeartbeat([](const v1::Inventory&) { return true; }));
  EXPECT_EQ(session->LastTrainerTime().busy_seconds(), 0);
  session->Grant(1, {kWaitsAtGate});
  AwaitBegun(*session, 1);
  // What it says of the trainers is looked at between heartbeats.
  while (session->LastTrainerTime().busy_seconds() == 0) {
    ASSERT_TRUE(session->AwaitHeartbeat([](const v1::Inventory&) { return true; }));
  }
  OpenGate();
  EXPECT_EQ(session->NextWord(), "result 1/10");
  session->Ack(1, 10);
  EXPECT_EQ(session->NextWord(), "ended 1 FINISHED");
  const v1::TrainerTime before = session->LastTrainerTime();
  agent.RequestStop();
  EXPECT_TRUE(agent.Join().ok());
  EXPECT_TRUE(session->AwaitEnd());
  const v1::TrainerTime after = session->LastTrainerTime();
  EXPECT_GT(after.seconds(), before.seconds());
  EXPECT_GE(after.busy_seconds(), before.busy_seconds());
  EXPECT_LT(after.busy_seconds(), after.seconds());
}

TEST_F(AgentTest, AStopIsNotHeldUpByResultsThatNobodyStores) {
  RunningAgent agent(Options());
  const auto session = Welcomed();
  session->Grant(1, {5});
  EXPECT_EQ(session->NextWord(), "result 1/10");
  agent.RequestStop();
  EXPECT_TRUE(agent.Join().ok());
}

TEST_F(AgentTest, AStopWithoutAConnectionWaitsOnlyForResults) {
  coordinator_.Stop();
  Agent::Options options = Options();
  options.stop_time = absl::InfiniteDuration();
  RunningAgent agent(options);
  agent.RequestStop();
  EXPECT_TRUE(agent.Join().ok());
}

TEST_F(AgentTest, AStopWhileTheCoordinatorIsAwayDeliversOnceItIsBack) {
  Agent::Options options = Options();
  options.stop_time = absl::Minutes(1);
  RunningAgent agent(options);
  auto session = Welcomed();
  session->Grant(1, {5});
  EXPECT_EQ(session->NextWord(), "result 1/10");
  session->Cut();
  agent.RequestStop();
  session = coordinator_.NextSession();
  EXPECT_EQ(session->NextWord(), "hello");
  session->Welcome({}, {10});
  EXPECT_EQ(session->NextWord(), "result 1/10");
  session->Ack(1, 10);
  EXPECT_EQ(session->NextWord(), "ended 1 FINISHED");
  EXPECT_TRUE(agent.Join().ok());
}

TEST_F(AgentTest, AMissingTrainerProgramIsAnError) {
  Agent::Options options = Options();
  options.trainer = {"/no/such/trainer"};
  RunningAgent agent(options);
  EXPECT_TRUE(absl::IsNotFound(agent.Join()));
}

TEST_F(AgentTest, AnAddressThatCannotBeIsAnError) {
  Agent::Options options = Options();
  options.coordinator = "nowhere";
  RunningAgent agent(options);
  EXPECT_TRUE(absl::IsInvalidArgument(agent.Join()));
}

}  // namespace
}  // namespace firstguess
