#include "coordinator/service/engine.h"

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/spec/sweep.h"
#include "gtest/gtest.h"
#include "tests/common/gate.h"
#include "tests/coordinator/service/fake_trajectory.h"
#include "tests/coordinator/service/manual_store.h"
#include "tests/coordinator/state/machine.h"

namespace firstguess {
namespace {

// Keeps what the engine says to one worker.
class RecordingOutlet final : public Outlet {
 public:
  void Deliver(const ToWorker& message) override EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    messages_.push_back(message);
  }
  void RejectResult(LeaseId, TrialId, absl::string_view why) override EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    rejections_.emplace_back(why);
  }
  void Close(absl::Status status) override EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    closed_ = std::move(status);
  }

  template <typename Message>
  std::vector<Message> Received() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    std::vector<Message> received;
    for (const ToWorker& sent : messages_) {
      if (const auto* message = std::get_if<Message>(&sent.message)) received.push_back(*message);
    }
    return received;
  }
  std::vector<std::string> rejections() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    return rejections_;
  }
  absl::Status closed() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    return closed_;
  }

 private:
  Mutex mutex_;
  std::vector<ToWorker> messages_ GUARDED_BY(mutex_);
  std::vector<std::string> rejections_ GUARDED_BY(mutex_);
  absl::Status closed_ GUARDED_BY(mutex_);
};

class RecordingWatcher final : public Engine::Watcher {
 public:
  bool OnView(const View& view) override {
    views.push_back(view);
    return true;
  }
  void OnStop(absl::Status status) override { stopped = std::move(status); }

  std::vector<View> views;
  absl::Status stopped;
};

// Between streams and disk.
constexpr int64_t kMaxResults = 100;

class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<Engine>> engine =
        Engine::Start({.clock = &clock_,
                       .store = &store_,
                       .state = {},
                       .limits = {.results = kMaxResults, .bytes = 1 << 20}});
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    engine_->RunDue();
  }
  void TearDown() override { engine_->Stop(); }

  // Commits and applies until nothing is under way.
  void Settle() {
    do {
      engine_->RunDue();
    } while (store_.Commit() > 0);
    engine_->RunDue();
  }

  // The replies to what is asked here, in order.
  void Ask(Engine::Question question) {
    engine_->Ask(std::move(question),
                 [this](const Reply& reply, const View&) { replies_.push_back(reply); });
  }
  SubmitSweep SweepOf(const std::string& name, int64_t trials) {
    const std::string spec = SpecOf(name, trials);
    ParsedSweep parsed = ParseSweep(spec, "test");
    return {.token = 0,
            .request_id = "",
            .sweep = std::make_shared<const Sweep>(*std::move(parsed.sweep)),
            .spec_text = spec};
  }
  std::shared_ptr<RecordingOutlet> Connect(const std::string& instance_id, int64_t epoch = 1) {
    auto outlet = std::make_shared<RecordingOutlet>();
    WorkerDescription worker = AbleWorker(instance_id, epoch);
    worker.capacity = 64;
    engine_->Connect({.worker = std::move(worker), .leases = {}, .unsent = {}}, outlet);
    return outlet;
  }
  void SendResult(const std::string& instance_id, LeaseId lease, const GrantMessage::Member& member,
                  Trajectory trajectory) {
    engine_->PostResult(1,
                        {.instance_id = instance_id,
                         .lease_id = lease,
                         .trial_id = member.trial_id,
                         .trajectory = std::make_shared<const Trajectory>(std::move(trajectory))});
  }
  View Look() {
    View seen;
    engine_->Read([&](const std::shared_ptr<const View>& view) { seen = *view; });
    engine_->RunDue();
    return seen;
  }
  // Half a second at a time, as ticks come.
  void Advance(absl::Duration by) {
    for (absl::Duration done; done < by; done += absl::Milliseconds(500)) {
      clock_.Advance(absl::Milliseconds(500));
      engine_->RunDue();
    }
  }

  SimulatedClock clock_;
  ManualStore store_;
  std::unique_ptr<Engine> engine_;
  std::vector<Reply> replies_;  // of the engine's thread; read after RunDue
};

TEST_F(EngineTest, AReplyWaitsForItsCommit) {
  Ask(SweepOf("s", 3));
  engine_->RunDue();
  EXPECT_TRUE(replies_.empty());
  EXPECT_EQ(store_.Commit(), 1);
  engine_->RunDue();
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_TRUE(replies_[0].status.ok());
  EXPECT_EQ(Look().FindSweep("s")->counters.cells, 3);
}

TEST_F(EngineTest, AGrantAndAnAcknowledgementWaitForTheirCommits) {
  const auto outlet = Connect("w");
  Ask(SweepOf("s", 1));
  engine_->RunDue();
  EXPECT_EQ(outlet->Received<WelcomeMessage>().size(), 1u);
  EXPECT_TRUE(outlet->Received<GrantMessage>().empty());
  Settle();
  const std::vector<GrantMessage> grants = outlet->Received<GrantMessage>();
  ASSERT_EQ(grants.size(), 1u);
  const GrantMessage::Member& member = grants[0].members.at(0);
  SendResult("w", grants[0].lease_id, member, FakeTrajectory(member.config));
  engine_->RunDue();
  EXPECT_TRUE(outlet->Received<ResultAckMessage>().empty());
  Settle();
  ASSERT_EQ(outlet->Received<ResultAckMessage>().size(), 1u);
  EXPECT_EQ(outlet->Received<ResultAckMessage>()[0].outcome, ResultAckMessage::Outcome::kStored);
  EXPECT_EQ(Look().FindSweep("s")->state, SweepState::kDone);
}

TEST_F(EngineTest, AMalformedResultIsRejectedAndTheTrialStaysOpen) {
  const auto outlet = Connect("w");
  Ask(SweepOf("s", 1));
  Settle();
  const GrantMessage grant = outlet->Received<GrantMessage>().at(0);
  Trajectory trajectory = FakeTrajectory(grant.members[0].config);
  trajectory.support.pop_back();
  SendResult("w", grant.lease_id, grant.members[0], trajectory);
  Settle();
  ASSERT_EQ(outlet->rejections().size(), 1u);
  EXPECT_TRUE(outlet->Received<ResultAckMessage>().empty());
  SendResult("w", grant.lease_id, grant.members[0], FakeTrajectory(grant.members[0].config));
  Settle();
  EXPECT_EQ(outlet->Received<ResultAckMessage>().size(), 1u);
}

TEST_F(EngineTest, AResultForALeaseThatNeverWasIsAnsweredNotFound) {
  const auto outlet = Connect("w");
  TrialConfig config;
  config.dataset = "fashion-mnist";
  config.steps = 5;
  SendResult("w", 99, {.trial_id = 7, .slot = 0, .config = config}, FakeTrajectory(config));
  Settle();
  ASSERT_EQ(outlet->Received<ResultAckMessage>().size(), 1u);
  EXPECT_EQ(outlet->Received<ResultAckMessage>()[0].outcome, ResultAckMessage::Outcome::kNotFound);
}

TEST_F(EngineTest, AHeartbeatThatWaitsInTheQueueCountsBeforeALeaseExpires) {
  const auto outlet = Connect("w");
  Ask(SweepOf("s", 1));
  Settle();
  const GrantMessage grant = outlet->Received<GrantMessage>().at(0);
  Advance(absl::Seconds(29));
  Gate gate;
  engine_->Read([&](const std::shared_ptr<const View>&) { gate.Pass(); });
  engine_->Post(WorkerHeartbeat{.instance_id = "w",
                                .epoch = 1,
                                .leases = {{.lease_id = grant.lease_id, .begun = true}},
                                .last_grant_number = grant.grant_number});
  clock_.Advance(absl::Seconds(2));  // now a tick is due, by which the lease would expire
  gate.Open();
  Settle();
  EXPECT_EQ(Look().FindSweep("s")->counters.leased, 1);
  Advance(absl::Seconds(31));
  Settle();
  EXPECT_EQ(Look().FindSweep("s")->counters.leased, 0);
}

TEST_F(EngineTest, TheSameConnectionTwiceClosesTheSecondStreamOnly) {
  const auto first = Connect("w");
  const auto second = Connect("w");
  Settle();
  EXPECT_EQ(second->closed().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(first->closed().ok());
  // The end of the second stream does not disconnect the first.
  engine_->Disconnect("w", 1, second);
  Settle();
  EXPECT_EQ(Look().workers.at(0).state, "connected");
}

TEST_F(EngineTest, ANewerEpochSaysGoodbyeToTheOlderStream) {
  const auto older = Connect("w", 1);
  const auto newer = Connect("w", 2);
  Settle();
  EXPECT_EQ(older->Received<GoodbyeMessage>().size(), 1u);
  EXPECT_TRUE(newer->Received<GoodbyeMessage>().empty());
  engine_->Disconnect("w", 1, older);
  Settle();
  EXPECT_EQ(Look().workers.at(0).state, "connected");
}

TEST_F(EngineTest, WithoutRoomStreamsWaitAndNoLeaseExpires) {
  const auto outlet = Connect("w");
  constexpr int64_t kTrials = 200;
  Ask(SweepOf("s", kTrials));
  Settle();
  int64_t sent = 0;
  for (const GrantMessage& grant : outlet->Received<GrantMessage>()) {
    for (const GrantMessage::Member& member : grant.members) {
      if (sent == kMaxResults) break;
      SendResult("w", grant.lease_id, member, FakeTrajectory(member.config));
      ++sent;
    }
  }
  ASSERT_EQ(sent, kMaxResults);
  engine_->RunDue();
  int resumed = 0;
  engine_->WhenRoom([&] { ++resumed; });
  Advance(absl::Minutes(2));
  EXPECT_EQ(resumed, 0);
  store_.Commit();
  engine_->RunDue();
  EXPECT_EQ(resumed, 1);
  Settle();
  // The worker could not be heard meanwhile: its other leases are still its own.
  EXPECT_EQ(Look().FindSweep("s")->counters.leased, kTrials - kMaxResults);
  engine_->WhenRoom([&] { ++resumed; });
  EXPECT_EQ(resumed, 2);
}

TEST_F(EngineTest, AWatcherSeesTheStateNowThenChangesFiveTimesASecondAndNewStatesAtOnce) {
  Ask(SweepOf("s", 2));
  Settle();
  Advance(absl::Seconds(1));
  auto watcher = std::make_shared<RecordingWatcher>();
  engine_->Watch(watcher);
  engine_->RunDue();
  ASSERT_EQ(watcher->views.size(), 1u);
  const auto outlet = Connect("w");
  Settle();  // many changes, no time
  const size_t shown = watcher->views.size();
  EXPECT_LE(shown, 2u);
  clock_.Advance(absl::Milliseconds(200));
  engine_->RunDue();
  ASSERT_EQ(watcher->views.size(), shown + 1);
  EXPECT_EQ(watcher->views.back().FindSweep("s")->counters.leased, 2);
  const GrantMessage grant = outlet->Received<GrantMessage>().at(0);
  for (const GrantMessage::Member& member : grant.members) {
    SendResult("w", grant.lease_id, member, FakeTrajectory(member.config));
  }
  Settle();  // no time passes, but the sweep is done
  EXPECT_EQ(watcher->views.back().FindSweep("s")->state, SweepState::kDone);
}

TEST_F(EngineTest, RatesFollowFromResultsAndTheClock) {
  const auto outlet = Connect("w");
  Ask(SweepOf("s", 64));
  Settle();
  const GrantMessage grant = outlet->Received<GrantMessage>().at(0);
  for (int i = 0; i < 20; ++i) {
    Advance(absl::Seconds(1));
    SendResult("w", grant.lease_id, grant.members.at(i), FakeTrajectory(grant.members[i].config));
    Settle();
  }
  const View view = Look();
  EXPECT_NEAR(view.trials_per_second.at(view.sweeps[0].sweep_id), 1, 0.01);
  EXPECT_GT(view.flops_per_second, 0);
}

TEST_F(EngineTest, ClosingGrantsNothingMoreButTakesResults) {
  const auto outlet = Connect("w");
  Ask(SweepOf("s", 1));
  Settle();
  const GrantMessage grant = outlet->Received<GrantMessage>().at(0);
  engine_->BeginClosing(absl::Seconds(3));
  Ask(SweepOf("another", 1));
  Settle();
  ASSERT_EQ(outlet->Received<GoodbyeMessage>().size(), 1u);
  EXPECT_EQ(outlet->Received<GoodbyeMessage>()[0].retry_after, absl::Seconds(3));
  EXPECT_EQ(outlet->Received<GrantMessage>().size(), 1u);
  SendResult("w", grant.lease_id, grant.members[0], FakeTrajectory(grant.members[0].config));
  Settle();
  EXPECT_EQ(outlet->Received<ResultAckMessage>().size(), 1u);
  const auto late = Connect("late");
  Settle();
  EXPECT_EQ(late->Received<GoodbyeMessage>().size(), 1u);
  EXPECT_TRUE(late->Received<WelcomeMessage>().empty());

  bool empty = false;
  engine_->WhenNoStreams([&] { empty = true; });
  engine_->Disconnect("w", 1, outlet);
  engine_->RunDue();
  EXPECT_FALSE(empty);
  engine_->Disconnect("late", 1, late);
  engine_->RunDue();
  EXPECT_TRUE(empty);
}

TEST_F(EngineTest, AfterAFailureEveryoneWhoWaitsIsTold) {
  Ask(SweepOf("s", 1));
  auto watcher = std::make_shared<RecordingWatcher>();
  engine_->Watch(watcher);
  engine_->RunDue();
  engine_->Fail(absl::UnavailableError("the disk is broken"));
  Ask(SweepOf("t", 1));
  engine_->RunDue();
  ASSERT_EQ(replies_.size(), 2u);
  EXPECT_EQ(replies_[0].status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(replies_[1].status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(watcher->stopped.code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace firstguess
