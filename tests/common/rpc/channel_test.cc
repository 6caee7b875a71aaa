#include "common/rpc/channel.h"

#include <chrono>

#include "common/rpc/protocol.h"
#include "grpcpp/server_context.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

TEST(Channel, AnAddressThatIsNotLoopbackGetsNoChannel) {
  EXPECT_EQ(MakeChannel("192.168.0.1:7171").status().code(), absl::StatusCode::kInvalidArgument);
}

// A channel with a service config that gRPC can't read is made, but is shut down from the start.
TEST(Channel, TheServiceConfigIsOneThatGrpcReads) {
  const auto channel = MakeChannel("127.0.0.1:7171");
  ASSERT_TRUE(channel.ok());
  EXPECT_EQ((*channel)->GetState(false), GRPC_CHANNEL_IDLE);
}

TEST(Channel, AUnaryCallHasADeadline) {
  grpc::ClientContext context;
  SetDeadline(context);
  const auto left = context.deadline() - std::chrono::system_clock::now();
  EXPECT_LE(left, absl::ToChronoMilliseconds(kUnaryDeadline));
  EXPECT_GT(left, std::chrono::seconds(0));
}

}  // namespace
}  // namespace firstguess
