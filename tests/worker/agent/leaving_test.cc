// How an agent leaves by itself: its machine is taken away, or there is nothing to do.

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

using ::testing::HasSubstr;

class LeavingTest : public GatedTest {
 protected:
  // Of an agent that waits until all is delivered.
  Agent::Options Options(std::vector<std::string> flags = {}) const {
    Agent::Options options = RunningAgent::OptionsFor(coordinator_.address(), std::move(flags));
    options.stop_time = absl::Seconds(60);
    return options;
  }
};

TEST_F(LeavingTest, AMachineThatIsTakenAwayAtOncePreemptsWhatIsInTrainingOnly) {
  Agent::Options options = Options();
  RunningAgent agent(options);
  const auto session = Welcomed();
  session->Grant(1, {5, kHangs, 7});
  session->Grant(2, {6});
  EXPECT_EQ(session->NextWord(), "result 1/10");
  AwaitBegun(*session, 1);
  agent.Preempt(absl::ZeroDuration());
  agent.Preempt(absl::ZeroDuration());
  session->Ack(1, 10);
  EXPECT_THAT(session->NextWords(2),
              testing::UnorderedElementsAre("ended 1 PREEMPTED", "ended 2 RETURNED"));
  EXPECT_TRUE(agent.Join().ok());
}

TEST_F(LeavingTest, WhatCanBeFinishedBeforeTheMachineIsTakenAwayIs) {
  Agent::Options options = Options();
  RunningAgent agent(options);
  const auto session = Welcomed();
  session->Grant(1, {kWaitsAtGate});
  session->Grant(2, {6});
  AwaitBegun(*session, 1);
  agent.Preempt(absl::Hours(1));
  EXPECT_EQ(session->NextWord(), "ended 2 RETURNED");
  session->Grant(3, {8});
  EXPECT_EQ(session->NextWord(), "ended 3 RETURNED");
  OpenGate();
  EXPECT_EQ(session->NextWord(), "result 1/10");
  session->Ack(1, 10);
  EXPECT_EQ(session->NextWord(), "ended 1 FINISHED");
  EXPECT_TRUE(agent.Join().ok());
}

TEST_F(LeavingTest, WhatIsNotFinishedInTimeIsPreempted) {
  Agent::Options options = Options();
  RunningAgent agent(options);
  const auto session = Welcomed();
  session->Grant(1, {kHangs});
  AwaitBegun(*session, 1);
  // All of it but a moment is kept for delivery.
  agent.Preempt(options.stop_time + absl::Milliseconds(2050));
  EXPECT_EQ(session->NextWord(), "ended 1 PREEMPTED");
  EXPECT_TRUE(agent.Join().ok());
}

TEST_F(LeavingTest, AnIdleWorkerSaysThatItLeavesAndEnds) {
  Agent::Options options = Options();
  options.idle_time = absl::Milliseconds(50);
  RunningAgent agent(options);
  const auto session = Welcomed();
  EXPECT_TRUE(session->AwaitLeaving());
  EXPECT_TRUE(session->AwaitEnd());
  EXPECT_TRUE(agent.Join().ok());
}

TEST_F(LeavingTest, AWorkerWithALeaseIsNotIdle) {
  SimulatedClock clock;
  Agent::Options options = Options();
  options.clock = &clock;
  options.idle_time = absl::Minutes(5);
  options.stop_time = absl::ZeroDuration();
  RunningAgent agent(options);
  const auto session = Welcomed();
  session->Grant(1, {5, kWaitsAtGate});
  EXPECT_EQ(session->NextWord(), "result 1/10");
  clock.Advance(absl::Hours(1));
  session->Drop(99, /*only_if_not_begun=*/false);  // wakes the agent, and is about nothing
  AwaitBegun(*session, 1);
  EXPECT_FALSE(session->leaving());
  session->Ack(1, 10);
}

TEST_F(LeavingTest, AnIdleWorkerThatReachesNobodySaysSo) {
  Agent::Options options = Options();
  options.idle_time = absl::Milliseconds(50);
  coordinator_.Stop();
  RunningAgent agent(options);
  const absl::Status status = agent.Join();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(coordinator_.address()));
}

TEST_F(LeavingTest, AnIdleWorkerThatCannotWorkSaysWhy) {
  Agent::Options options = Options({"--cannot-work", "no data set was found"});
  options.idle_time = absl::Milliseconds(50);
  RunningAgent agent(options);
  Welcomed();
  const absl::Status status = agent.Join();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no data set was found"));
}

TEST_F(LeavingTest, AFailureNamesTheLog) {
  Agent::Options options = Options();
  options.log = "/logs/firstguess-7.log";
  RunningAgent agent(options);
  const auto session = coordinator_.NextSession();
  EXPECT_EQ(session->Next().hello().log(), "/logs/firstguess-7.log");
  session->Welcome();
  session->Grant(1, {kFails});
  EXPECT_EQ(session->Next().trial_failed().message(),
            "no such thing\nwhole log: /logs/firstguess-7.log");
  session->Grant(2, {kCrashes});
  v1::WorkerMessage message = session->Next();
  while (message.lease_ended().lease_id() != 2) message = session->Next();
  EXPECT_THAT(message.lease_ended().message(),
              testing::EndsWith("the device caught fire\nwhole log: /logs/firstguess-7.log"));
}

}  // namespace
}  // namespace firstguess
