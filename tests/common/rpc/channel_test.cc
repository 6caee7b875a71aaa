#include "common/rpc/channel.h"

#include <chrono>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/rpc/protocol.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/server.h"
#include "grpcpp/server_context.h"
#include "gtest/gtest.h"
#include "tests/common/temporary_folder.h"

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

// And opens another one for the next call.
TEST(Channel, AConnectionWithoutACallIsClosedByTheServer) {
  const TemporaryFolder folder;
  const std::string address = absl::StrCat("unix:", folder.File("s"));
  grpc::ServerBuilder builder;
  SetServerArguments(builder, kHandshakeTimeout, /*idle_time=*/absl::Milliseconds(100));
  builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  grpc::AsyncGenericService nothing;
  builder.RegisterAsyncGenericService(&nothing);
  const auto queue = builder.AddCompletionQueue();
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const auto channel = MakeChannel(address);
  ASSERT_TRUE(channel.ok());
  for (int connection = 0; connection < 2; ++connection) {
    const auto patience = std::chrono::system_clock::now() + std::chrono::minutes(1);
    ASSERT_TRUE((*channel)->WaitForConnected(patience));
    ASSERT_TRUE((*channel)->WaitForStateChange(GRPC_CHANNEL_READY, patience));
    EXPECT_EQ((*channel)->GetState(false), GRPC_CHANNEL_IDLE);
  }
  server->Shutdown();
  queue->Shutdown();
  void* tag = nullptr;
  for (bool ok = false; queue->Next(&tag, &ok);) {
  }
}

}  // namespace
}  // namespace firstguess
