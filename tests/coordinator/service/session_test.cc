// Sessions over a real socket, with a store that commits when the test says so.
#include "coordinator/service/session.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "common/rpc/protocol.h"
#include "coordinator/service/work_service.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "tests/cluster/raw_session.h"
#include "tests/common/temporary_folder.h"
#include "tests/coordinator/service/fake_trajectory.h"
#include "tests/coordinator/service/manual_store.h"
#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

using v1::CoordinatorMessage;
using v1::WorkerMessage;

class SessionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    address_ = absl::StrCat("unix:", folder_.File("s"));
    absl::StatusOr<std::unique_ptr<Engine>> engine =
        Engine::Start({.clock = &clock_,
                       .store = &store_,
                       .state = {},
                       .limits = {.results = kMaxResults, .bytes = 1 << 30}});
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    service_ = std::make_unique<WorkServiceImpl>(engine_.get(), &clock_, &authenticator_);
    grpc::ServerBuilder builder;
    SetServerArguments(builder);
    builder.AddListeningPort(address_, grpc::InsecureServerCredentials());
    builder.RegisterService(service_.get());
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
  }
  void TearDown() override {
    server_->Shutdown(std::chrono::system_clock::now());
    engine_->Stop();
    server_.reset();
  }

  // Makes a sweep of `trials` cells and commits it.
  void Submit(int64_t trials) {
    const std::string spec = SpecOf("s", trials, "pack: {max_trials: 4}\n");
    engine_->Ask(SubmitSweep{.token = 0,
                             .request_id = "",
                             .sweep = std::make_shared<const Sweep>(
                                 *std::move(ParseSweep(spec, "test").sweep)),
                             .spec_text = spec},
                 [](const Reply&, const View&) {});
    Commit();
  }
  void Commit() {
    do {
      engine_->RunDue();
    } while (store_.Commit() > 0);
    engine_->RunDue();
  }
  static WorkerMessage Hello() {
    WorkerMessage message;
    v1::Hello* const hello = message.mutable_hello();
    hello->set_protocol_version(kProtocolVersion);
    hello->set_name("w");
    hello->set_instance_id("w");
    hello->set_epoch(1);
    hello->set_device("cpu");
    hello->set_memory_bytes(int64_t{1} << 30);
    hello->add_datasets("fashion-mnist");
    hello->set_capacity(kMaxCapacity);
    return message;
  }
  // Says hello and returns a result for each of `trials` granted trials, at least.
  std::vector<WorkerMessage> Results(RawSession& session, size_t trials) {
    session.Send(Hello());
    EXPECT_TRUE(session.Await([](const CoordinatorMessage& m) { return m.has_welcome(); }));
    Commit();
    std::vector<WorkerMessage> results;
    EXPECT_TRUE(session.Await([&](const CoordinatorMessage& message) {
      for (const v1::Grant::Trial& trial : message.grant().trials()) {
        WorkerMessage result;
        result.mutable_result()->set_lease_id(message.grant().lease_id());
        result.mutable_result()->set_trial_id(trial.trial_id());
        *result.mutable_result()->mutable_trajectory() =
            ToProto(FakeTrajectory(*TrialConfigFromJson(trial.config())));
        result.mutable_result()->set_last(true);
        results.push_back(std::move(result));
      }
      return results.size() >= trials;
    }));
    return results;
  }
  static int64_t Acknowledged(RawSession& session) {
    int64_t acknowledged = 0;
    for (const CoordinatorMessage& message : session.received()) {
      if (message.has_result_ack()) ++acknowledged;
    }
    return acknowledged;
  }

  // Above what one worker may have unacknowledged.
  static constexpr int64_t kMaxResults = 100;

  SimulatedClock clock_;
  ManualStore store_;
  Authenticator authenticator_;
  const TemporaryFolder folder_;
  std::string address_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<WorkServiceImpl> service_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(SessionTest, ResultsAreAcknowledgedAfterTheirCommitOnly) {
  Submit(8);
  RawSession session(address_);
  for (WorkerMessage& result : Results(session, 8)) session.Send(std::move(result));
  WorkerMessage heartbeat;
  heartbeat.mutable_heartbeat();
  session.Send(heartbeat);
  // The answer to the heartbeat, which came after the results, is not held back; they are.
  ASSERT_TRUE(session.Await([](const CoordinatorMessage& m) { return m.has_heartbeat_reply(); }));
  EXPECT_EQ(Acknowledged(session), 0);
  Commit();
  int64_t acknowledged = 0;
  EXPECT_TRUE(session.Await([&](const CoordinatorMessage& m) {
    if (m.has_result_ack()) ++acknowledged;
    return acknowledged == 8;
  }));
}

TEST_F(SessionTest, MoreThan64UnacknowledgedResultsAreTooMany) {
  Submit(80);
  RawSession session(address_);
  std::vector<WorkerMessage> results = Results(session, 80);
  for (int64_t i = 0; i < kMaxUnacknowledgedResults; ++i) session.Send(results[i]);
  WorkerMessage heartbeat;
  heartbeat.mutable_heartbeat();
  session.Send(heartbeat);
  ASSERT_TRUE(session.Await([](const CoordinatorMessage& m) { return m.has_heartbeat_reply(); }));
  session.Send(results[kMaxUnacknowledgedResults]);
  EXPECT_EQ(session.AwaitEnd(),
            absl::ResourceExhaustedError("more than 64 results unacknowledged"));
}

TEST_F(SessionTest, AHalfClosedStreamEndsOnceItsResultsAreAcknowledged) {
  Submit(4);
  RawSession session(address_);
  for (WorkerMessage& result : Results(session, 4)) session.Send(std::move(result));
  session.HalfClose();
  // The half-close is known when the worker counts as gone.
  std::string state;
  while (state != "lost") {
    engine_->Read(
        [&](const std::shared_ptr<const View>& view) { state = view->workers.at(0).state; });
    engine_->RunDue();
  }
  EXPECT_FALSE(session.ended());
  Commit();
  EXPECT_TRUE(session.AwaitEnd().ok());
  EXPECT_EQ(Acknowledged(session), 4);
}

}  // namespace
}  // namespace firstguess
