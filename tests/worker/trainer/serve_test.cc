#include "worker/trainer/serve.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "common/mutex.h"
#include "worker/ipc/messages.h"

namespace firstguess::trainer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What the fake trainer does with a trial, by its seed.
constexpr int64_t kTrains = 0, kWaitsForStop = 1, kLosesDevice = 2, kRunsOutOfMemory = 3,
                  kLacksData = 4, kFindsDamagedData = 5, kTrainsForAnHour = 6;
constexpr int64_t kTooWide = 77;

class FakeTrainer final : public PackTrainer {
 public:
  absl::Status Train(const std::vector<TrialTask>& pack, TrialSink& sink,
                     const std::atomic<bool>& stop) override {
    for (const TrialTask& task : pack) {
      if (task.config.seed == kLosesDevice) return absl::InternalError("device lost");
      if (task.config.seed == kRunsOutOfMemory) {
        sink.OnFailed(task.trial_id, absl::ResourceExhaustedError("needs 12 bytes"));
        continue;
      }
      if (task.config.seed == kLacksData) {
        sink.OnFailed(task.trial_id, absl::NotFoundError("no data set"));
        continue;
      }
      if (task.config.seed == kFindsDamagedData) {
        sink.OnFailed(task.trial_id, absl::DataLossError("x.npy: byte 7: truncated"));
        continue;
      }
      if (task.config.seed == kWaitsForStop) {
        while (!stop) std::this_thread::yield();
        return absl::CancelledError("stopped");
      }
      if (task.config.seed == kTrainsForAnHour) trained_ += std::chrono::hours(1);
      Trajectory trajectory;
      trajectory.support = {1, 2};
      trajectory.initial_rank = {0, 1};
      trajectory.device = "fake";
      sink.OnFinished(task.trial_id, trajectory);
    }
    return absl::OkStatus();
  }
  std::chrono::duration<double> time_in_training() const override { return trained_; }
  void Prepare(const TrialConfig& config) override {
    MutexLock lock(&mutex_);
    prepared_.push_back(config.seed);
    changed_.NotifyAll();
  }
  // Seeds of the trials that Prepare was called with, when there are so many.
  std::vector<int64_t> AwaitPrepared(size_t count) {
    MutexLock lock(&mutex_);
    while (prepared_.size() < count) changed_.Wait(&mutex_);
    return prepared_;
  }
  absl::Status CheckShape(const TrialConfig& config) const override {
    if (config.width == kTooWide) return absl::UnimplementedError("no width 77 here");
    return absl::OkStatus();
  }
  std::string device() const override { return "fake"; }
  std::string library() const override { return "none"; }

 private:
  std::chrono::duration<double> trained_{0};
  Mutex mutex_;
  CondVar changed_;
  std::vector<int64_t> prepared_ GUARDED_BY(mutex_);
};

// An agent's end of the socket pair, with Serve running at the other on a thread.
class ServeTest : public testing::Test {
 protected:
  ServeTest() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    agent_ = ends[0];
    server_ = std::thread([this, fd = ends[1]] {
      served_ = Serve(fd, {"cpu", 0, "a processor", 1000}, {"mnist"}, trainer_);
      close(fd);
    });
  }
  ~ServeTest() override {
    CloseAgent();
    if (server_.joinable()) server_.join();
  }

  void CloseAgent() {
    if (agent_ >= 0) close(agent_);
    agent_ = -1;
  }

  absl::Status End() {
    server_.join();
    return served_;
  }

  ipc::FromTrainer Next() {
    ipc::FrameReader reader(agent_);
    absl::StatusOr<ipc::FromTrainer> message = ipc::Receive<ipc::FromTrainer>(reader);
    EXPECT_TRUE(message.ok()) << message.status();
    return message.ok() ? *message : ipc::FromTrainer();
  }

  // Asks for a pack with one trial a seed; trial ids count from 10 * lease.
  void Order(int64_t lease, const std::vector<int64_t>& seeds) {
    ipc::ToTrainer message;
    message.mutable_train()->set_lease_id(lease);
    for (size_t i = 0; i < seeds.size(); ++i) {
      TrialConfig config;
      config.dataset = "fashion-mnist";
      config.steps = 1;
      config.seed = seeds[i];
      ipc::TrainPack::Trial& trial = *message.mutable_train()->add_trials();
      trial.set_trial_id(10 * lease + static_cast<int64_t>(i));
      trial.set_config(CanonicalJson(config));
    }
    Send(message);
  }

  void Stop(int64_t lease) {
    ipc::ToTrainer message;
    message.mutable_stop()->set_lease_id(lease);
    Send(message);
  }

  void Send(const ipc::ToTrainer& message) {
    ipc::FrameWriter writer(agent_);
    EXPECT_TRUE(ipc::Send(message, writer).ok());
  }

  void ExpectFinished(int64_t lease, int64_t trial) {
    const ipc::FromTrainer message = Next();
    ASSERT_TRUE(message.has_finished()) << message.ShortDebugString();
    EXPECT_EQ(message.finished().lease_id(), lease);
    EXPECT_EQ(message.finished().trial_id(), trial);
    EXPECT_THAT(message.finished().trajectory().support(), ElementsAre(1, 2));
    EXPECT_EQ(message.finished().trajectory().device(), "fake");
  }

  // Returns what it says that was not training, in seconds.
  double ExpectEnded(int64_t lease, bool stopped) {
    const ipc::FromTrainer message = Next();
    EXPECT_TRUE(message.has_ended()) << message.ShortDebugString();
    EXPECT_EQ(message.ended().lease_id(), lease);
    EXPECT_EQ(message.ended().stopped(), stopped);
    return message.ended().aside_seconds();
  }

  FakeTrainer trainer_;
  int agent_ = -1;
  absl::Status served_;
  std::thread server_;
};

TEST_F(ServeTest, ReadyComesFirstAndSaysWhatThereIs) {
  const ipc::FromTrainer message = Next();
  ASSERT_TRUE(message.has_ready());
  EXPECT_EQ(message.ready().error(), "");
  EXPECT_EQ(message.ready().device(), "cpu");
  EXPECT_EQ(message.ready().device_name(), "a processor");
  EXPECT_EQ(message.ready().memory_bytes(), 1000);
  EXPECT_THAT(message.ready().datasets(), ElementsAre("mnist"));
}

TEST_F(ServeTest, PacksAreTrainedInTheOrderTheyCame) {
  Next();
  Order(1, {kTrains, kTrains});
  Order(2, {kTrains});
  ExpectFinished(1, 10);
  ExpectFinished(1, 11);
  ExpectEnded(1, false);
  ExpectFinished(2, 20);
  ExpectEnded(2, false);
}

TEST_F(ServeTest, PacksThatWaitArePreparedWhileOneIsInTraining) {
  Next();
  Order(1, {kWaitsForStop});
  Order(2, {kLacksData, kTrains});
  Order(3, {kTrains});
  EXPECT_THAT(trainer_.AwaitPrepared(2), ElementsAre(kLacksData, kTrains));
  Stop(1);
  ExpectEnded(1, true);
}

TEST_F(ServeTest, APackSaysWhatPartOfItsTimeWasNotTraining) {
  Next();
  Order(1, {kTrains});
  Order(2, {kTrainsForAnHour});
  Order(3, {kTrains});
  ExpectFinished(1, 10);
  EXPECT_GT(ExpectEnded(1, false), 0);
  ExpectFinished(2, 20);
  EXPECT_LT(ExpectEnded(2, false), 0);  // the fake trainer says that it took an hour
  ExpectFinished(3, 30);
  EXPECT_GT(ExpectEnded(3, false), 0);  // the hour was the other pack's
}

TEST_F(ServeTest, AFailedTrialIsReportedByItsClassAndTheOthersTrain) {
  Next();
  Order(1, {kRunsOutOfMemory, kTrains});
  const ipc::FromTrainer message = Next();
  ASSERT_TRUE(message.has_failed());
  EXPECT_EQ(message.failed().trial_id(), 10);
  EXPECT_EQ(message.failed().failure_class(), v1::OUT_OF_MEMORY);
  EXPECT_EQ(message.failed().message(), "needs 12 bytes");
  ExpectFinished(1, 11);
  ExpectEnded(1, false);
}

TEST_F(ServeTest, MissingDataIsThisMachinesFaultAndMayBeRetried) {
  Next();
  Order(1, {kLacksData});
  const ipc::FromTrainer message = Next();
  ASSERT_TRUE(message.has_failed());
  EXPECT_EQ(message.failed().failure_class(), v1::CRASH);
}

TEST_F(ServeTest, DamagedDataAreInvalidAndNotTriedAgain) {
  Next();
  Order(1, {kFindsDamagedData});
  const ipc::FromTrainer message = Next();
  ASSERT_TRUE(message.has_failed());
  EXPECT_EQ(message.failed().failure_class(), v1::INVALID);
  EXPECT_EQ(message.failed().message(), "x.npy: byte 7: truncated");
}

TEST_F(ServeTest, AnUnreadableConfigurationIsInvalidAndTheOthersTrain) {
  Next();
  ipc::ToTrainer order;
  order.mutable_train()->set_lease_id(1);
  ipc::TrainPack::Trial& bad = *order.mutable_train()->add_trials();
  bad.set_trial_id(7);
  bad.set_config("{\"format_version\": 99}");
  TrialConfig config;
  config.dataset = "fashion-mnist";
  ipc::TrainPack::Trial& good = *order.mutable_train()->add_trials();
  good.set_trial_id(8);
  good.set_config(CanonicalJson(config));
  Send(order);
  const ipc::FromTrainer message = Next();
  ASSERT_TRUE(message.has_failed());
  EXPECT_EQ(message.failed().trial_id(), 7);
  EXPECT_EQ(message.failed().failure_class(), v1::INVALID);
  EXPECT_THAT(message.failed().message(), HasSubstr("format_version"));
  ExpectFinished(1, 8);
  ExpectEnded(1, false);
}

TEST_F(ServeTest, APackOfAShapeThatCantBeDoneIsRefusedWithTheReasonAndTheNextOneTrains) {
  Next();
  ipc::ToTrainer order;
  order.mutable_train()->set_lease_id(1);
  TrialConfig config;
  config.dataset = "fashion-mnist";
  config.width = kTooWide;
  ipc::TrainPack::Trial& trial = *order.mutable_train()->add_trials();
  trial.set_trial_id(7);
  trial.set_config(CanonicalJson(config));
  Send(order);
  Order(2, {kTrains});
  const ipc::FromTrainer message = Next();
  ASSERT_TRUE(message.has_ended()) << message.ShortDebugString();
  EXPECT_EQ(message.ended().lease_id(), 1);
  EXPECT_EQ(message.ended().incapable(), "no width 77 here");
  ExpectFinished(2, 20);
  ExpectEnded(2, false);
}

TEST_F(ServeTest, APackOfAnotherVersionIsRefusedWithTheReason) {
  Next();
  ipc::ToTrainer order;
  order.mutable_train()->set_lease_id(1);
  ipc::TrainPack::Trial& trial = *order.mutable_train()->add_trials();
  trial.set_trial_id(7);
  trial.set_config("{\"format_version\": 99}");
  Send(order);
  const ipc::FromTrainer message = Next();
  ASSERT_TRUE(message.has_ended()) << message.ShortDebugString();
  EXPECT_THAT(message.ended().incapable(), HasSubstr("format_version"));
}

TEST_F(ServeTest, StoppingThePackInProgressGoesOnWithTheNext) {
  Next();
  Order(1, {kTrains, kWaitsForStop, kTrains});
  ExpectFinished(1, 10);
  Order(2, {kTrains});
  Stop(1);
  ExpectEnded(1, true);
  ExpectFinished(2, 20);
  ExpectEnded(2, false);
}

TEST_F(ServeTest, StoppingAWaitingPackEndsItUntrained) {
  Next();
  Order(1, {kWaitsForStop});
  Order(2, {kTrains});
  Order(3, {kTrains});
  Stop(2);
  Stop(1);
  ExpectEnded(1, true);
  ExpectEnded(2, true);
  ExpectFinished(3, 30);
  ExpectEnded(3, false);
}

TEST_F(ServeTest, StoppingAnUnknownLeaseDoesNothing) {
  Next();
  Stop(5);
  Order(1, {kTrains});
  ExpectFinished(1, 10);
  ExpectEnded(1, false);
}

TEST_F(ServeTest, TheAgentsEndStopsWhatIsInProgress) {
  Next();
  Order(1, {kTrains, kWaitsForStop});
  ExpectFinished(1, 10);
  CloseAgent();
  EXPECT_TRUE(End().ok());
}

TEST_F(ServeTest, ALostDeviceEndsTheProcess) {
  Next();
  Order(1, {kLosesDevice});
  EXPECT_TRUE(absl::IsInternal(End()));
}

TEST_F(ServeTest, ACutMessageIsAnError) {
  Next();
  const char half[] = {0, 0, 0, 50, 1, 2};
  EXPECT_EQ(write(agent_, half, sizeof half), static_cast<ssize_t>(sizeof half));
  CloseAgent();
  EXPECT_TRUE(absl::IsDataLoss(End()));
}

TEST(SendCannotWork, SendsTheReason) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  ASSERT_TRUE(SendCannotWork(ends[0], absl::UnavailableError("no driver")).ok());
  ipc::FrameReader reader(ends[1]);
  const absl::StatusOr<ipc::FromTrainer> message = ipc::Receive<ipc::FromTrainer>(reader);
  ASSERT_TRUE(message.ok());
  EXPECT_EQ(message->ready().error(), "no driver");
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace firstguess::trainer
