#include "worker/ipc/messages.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

#include "gtest/gtest.h"

namespace firstguess::ipc {
namespace {

class MessagesTest : public ::testing::Test {
 protected:
  MessagesTest() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds_.data()), 0); }
  ~MessagesTest() override {
    for (const int fd : fds_) close(fd);
  }
  int agent() const { return fds_[0]; }
  int trainer() const { return fds_[1]; }

 private:
  std::array<int, 2> fds_;
};

TEST_F(MessagesTest, APackReachesTheTrainerUnchanged) {
  ToTrainer message;
  message.mutable_train()->set_lease_id(41);
  auto* trial = message.mutable_train()->add_trials();
  trial->set_trial_id(5);
  trial->set_config("{\"width\":32}");
  FrameWriter writer(agent());
  ASSERT_TRUE(Send(message, writer).ok());
  FrameReader reader(trainer());
  const absl::StatusOr<ToTrainer> received = Receive<ToTrainer>(reader);
  ASSERT_TRUE(received.ok());
  EXPECT_EQ(received->SerializeAsString(), message.SerializeAsString());
}

TEST_F(MessagesTest, AResultReachesTheAgentUnchanged) {
  FromTrainer message;
  message.mutable_finished()->set_lease_id(41);
  message.mutable_finished()->set_trial_id(5);
  message.mutable_finished()->mutable_trajectory()->add_snapshots()->add_mean_prob(0.25);
  FrameWriter writer(trainer());
  ASSERT_TRUE(Send(message, writer).ok());
  FrameReader reader(agent());
  const absl::StatusOr<FromTrainer> received = Receive<FromTrainer>(reader);
  ASSERT_TRUE(received.ok());
  EXPECT_EQ(received->SerializeAsString(), message.SerializeAsString());
}

TEST_F(MessagesTest, AFrameThatIsNoMessageIsRefused) {
  FrameWriter writer(trainer());
  FrameReader reader(agent());
  ASSERT_TRUE(writer.Write("\x0a\x7fshort").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(Receive<FromTrainer>(reader).status()));
}

TEST_F(MessagesTest, AnEmptyMessageIsRefused) {
  FrameWriter writer(trainer());
  FrameReader reader(agent());
  ASSERT_TRUE(writer.Write("").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(Receive<FromTrainer>(reader).status()));
}

}  // namespace
}  // namespace firstguess::ipc
