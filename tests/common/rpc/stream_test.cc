// The stream classes against each other, over a real unix socket.

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "common/rpc/client_stream.h"
#include "common/rpc/server_stream.h"
#include "firstguess/v1/work_service.grpc.pb.h"
#include "grpcpp/server.h"
#include "gtest/gtest.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {
namespace {

using v1::CoordinatorMessage;
using v1::WorkerMessage;

// A condition that a test waits for; a minute without it is a failure of the test.
class Progress {
 public:
  void Change(const std::function<void()>& change) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    change();
    changed_.NotifyAll();
  }
  [[nodiscard]] bool Await(const std::function<bool()>& condition) EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    while (!condition()) {
      if (!changed_.WaitFor(&mutex_, absl::Minutes(1))) return false;
    }
    return true;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
};

class EchoStream;

// What the server's end saw, and the end itself. Guarded by `progress`.
struct ServerSide {
  Progress progress;
  std::shared_ptr<EchoStream> stream;
  std::vector<int64_t> received;
  int ended = 0;
  bool read_on = true;  // ask for the next message after each
  size_t queue_limit = 10'000;
};

WorkerMessage Numbered(int64_t number) {
  WorkerMessage message;
  message.mutable_heartbeat()->set_last_grant_number(number);
  return message;
}

CoordinatorMessage Numbered(int64_t number, size_t padding) {
  CoordinatorMessage message;
  message.mutable_grant()->set_grant_number(number);
  message.mutable_grant()->add_trials()->set_config(std::string(padding, 'x'));
  return message;
}

class EchoStream final : public ServerStream<WorkerMessage, CoordinatorMessage> {
 public:
  EchoStream(grpc::CallbackServerContext* context, ServerSide* side)
      : ServerStream(context, side->queue_limit), side_(side) {}

 private:
  void OnMessage(WorkerMessage message) override {
    bool read_on = false;
    side_->progress.Change([&] {
      side_->received.push_back(message.heartbeat().last_grant_number());
      read_on = side_->read_on;
    });
    if (read_on) ReadNext();
  }
  void OnEnded() override {
    side_->progress.Change([&] { ++side_->ended; });
  }
  ServerSide* const side_;
};

class EchoService final : public v1::WorkService::CallbackService {
 public:
  explicit EchoService(ServerSide* side) : side_(side) {}
  grpc::ServerBidiReactor<WorkerMessage, CoordinatorMessage>* Session(
      grpc::CallbackServerContext* context) override {
    auto stream = std::make_shared<EchoStream>(context, side_);
    auto* reactor = EchoStream::Open(stream);
    side_->progress.Change([&] { side_->stream = std::move(stream); });
    return reactor;
  }

 private:
  ServerSide* const side_;
};

struct ClientSide {
  Progress progress;
  std::vector<int64_t> received;
  std::vector<absl::Status> ended;
  bool read_on = true;
  std::function<void(int64_t)> at_message = [](int64_t) {};
  std::function<void()> at_end = [] {};
};

class RecordingStream final : public ClientStream<WorkerMessage, CoordinatorMessage> {
 public:
  explicit RecordingStream(ClientSide* side) : ClientStream(10'000), side_(side) {}

 private:
  void OnMessage(CoordinatorMessage message) override {
    bool read_on = false;
    side_->progress.Change([&] {
      side_->received.push_back(message.grant().grant_number());
      read_on = side_->read_on;
    });
    side_->at_message(message.grant().grant_number());
    if (read_on) ReadNext();
  }
  void OnEnded(absl::Status status) override {
    side_->progress.Change([&] {
      side_->at_end();
      side_->ended.push_back(std::move(status));
    });
  }
  ClientSide* const side_;
};

class StreamTest : public ::testing::Test {
 protected:
  void SetUp() override {
    address_ = absl::StrCat("unix:", folder_.File("s"));
    grpc::ServerBuilder builder;
    SetServerArguments(builder);
    builder.AddListeningPort(address_, grpc::InsecureServerCredentials());
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    ASSERT_NE(server_, nullptr);
    stub_ = v1::WorkService::NewStub(*MakeChannel(address_));
  }

  void TearDown() override {
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
    server_.reset();
  }

  std::shared_ptr<RecordingStream> Open() {
    auto stream = std::make_shared<RecordingStream>(&client_side_);
    RecordingStream::Open(stream, [&](grpc::ClientContext* context, auto* reactor) {
      stub_->async()->Session(context, reactor);
    });
    return stream;
  }

  // The server's end of the stream just opened, once it is there.
  std::shared_ptr<EchoStream> Accepted() {
    EXPECT_TRUE(server_side_.progress.Await([&] { return server_side_.stream != nullptr; }));
    std::shared_ptr<EchoStream> stream;
    server_side_.progress.Change([&] { stream = server_side_.stream; });
    return stream;
  }

  absl::Status AwaitClientEnd() {
    EXPECT_TRUE(client_side_.progress.Await([&] { return !client_side_.ended.empty(); }));
    absl::Status status;
    client_side_.progress.Change([&] { status = client_side_.ended.front(); });
    return status;
  }
  bool AwaitServerEnd() {
    return server_side_.progress.Await([&] { return server_side_.ended == 1; });
  }

  ServerSide server_side_;
  ClientSide client_side_;
  EchoService service_{&server_side_};
  const TemporaryFolder folder_;
  std::string address_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::WorkService::Stub> stub_;
};

TEST_F(StreamTest, ManySendsAtOnceArriveWholeAndInOrderOfSending) {
  const auto client = Open();
  client->ReadNext();
  const auto server = Accepted();
  constexpr int kMessages = 2'000;
  for (int i = 0; i < kMessages; ++i) {
    ASSERT_TRUE(client->Send(Numbered(i)));
    ASSERT_TRUE(server->Send(Numbered(i, 10)));
  }
  client->CloseWrites();  // after what is queued; the server then closes after what it queued
  EXPECT_TRUE(AwaitClientEnd().ok());
  EXPECT_TRUE(AwaitServerEnd());
  ASSERT_EQ(client_side_.received.size(), kMessages);
  ASSERT_EQ(server_side_.received.size(), kMessages);
  for (int i = 0; i < kMessages; ++i) {
    EXPECT_EQ(client_side_.received[i], i);
    EXPECT_EQ(server_side_.received[i], i);
  }
}

TEST_F(StreamTest, OneReadNextBringsOneMessage) {
  server_side_.read_on = false;
  const auto client = Open();
  const auto server = Accepted();
  for (int i = 0; i < 3; ++i) client->Send(Numbered(i));
  ASSERT_TRUE(server_side_.progress.Await([&] { return server_side_.received.size() == 1; }));
  server->ReadNext();
  ASSERT_TRUE(server_side_.progress.Await([&] { return server_side_.received.size() == 2; }));
  client->CloseWrites();
  // The third message and the half-close are not read, so the server's end is still open.
  EXPECT_TRUE(server->Send(Numbered(0, 1)));
  EXPECT_EQ(server_side_.received.size(), 2u);
  server->Close(absl::OkStatus());
  EXPECT_TRUE(AwaitServerEnd());
  client->Cancel();
  AwaitClientEnd().IgnoreError();
}

TEST_F(StreamTest, APeerThatDoesNotReadIsCutOffAndTheStreamEnds) {
  server_side_.queue_limit = 8;
  client_side_.read_on = false;
  const auto client = Open();
  const auto server = Accepted();
  int sent = 0;
  while (server->Send(Numbered(sent, 100'000))) {
    ASSERT_LT(++sent, 100'000);
  }
  EXPECT_TRUE(AwaitServerEnd());
  client_side_.progress.Change([&] { client_side_.read_on = true; });
  client->ReadNext();
  EXPECT_EQ(AwaitClientEnd().code(), absl::StatusCode::kCancelled);
}

TEST_F(StreamTest, ACancelledClientEndsBothEndsOnce) {
  const auto client = Open();
  client->ReadNext();
  const auto server = Accepted();
  client->Cancel();
  client->Cancel();
  EXPECT_EQ(AwaitClientEnd().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(AwaitServerEnd());
  EXPECT_FALSE(client->Send(Numbered(1)));
  EXPECT_FALSE(server->Send(Numbered(1, 1)));
  client->ReadNext();
  server->ReadNext();
  EXPECT_EQ(client_side_.ended.size(), 1u);
  EXPECT_EQ(server_side_.ended, 1);
}

// Whoever hears of the end may drop the channel, and its last owner must not be a thread of gRPC.
TEST_F(StreamTest, AnEndedClientHoldsItsChannelNoLonger) {
  const std::shared_ptr<grpc::Channel> channel = *MakeChannel(address_);
  stub_ = v1::WorkService::NewStub(channel);
  const int64_t owners = channel.use_count();
  int64_t owners_at_end = 0;
  client_side_.at_end = [&] { owners_at_end = channel.use_count(); };
  Open()->Cancel();
  EXPECT_TRUE(absl::IsCancelled(AwaitClientEnd()));
  EXPECT_EQ(owners_at_end, owners);
}

TEST_F(StreamTest, CloseDeliversWhatWasQueuedBeforeItsStatus) {
  const auto client = Open();
  client->ReadNext();
  const auto server = Accepted();
  for (int i = 0; i < 50; ++i) server->Send(Numbered(i, 1'000));
  server->Close(absl::FailedPreconditionError("enough"));
  EXPECT_FALSE(server->Send(Numbered(50, 1)));
  const absl::Status end = AwaitClientEnd();
  EXPECT_EQ(end, absl::FailedPreconditionError("enough"));
  EXPECT_EQ(client_side_.received.size(), 50u);
}

// gRPC keeps a call's status back until its last message was read.
TEST_F(StreamTest, AFailedWriteLeadsToTheStatusBehindUnreadMessages) {
  client_side_.read_on = false;
  const auto client = Open();
  const auto server = Accepted();
  for (int i = 0; i < 3; ++i) server->Send(Numbered(i, 10));
  server->Close(absl::FailedPreconditionError("enough"));
  while (client->Send(Numbered(1))) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(AwaitClientEnd().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(client_side_.received, (std::vector<int64_t>{0, 1, 2}));
}

TEST_F(StreamTest, AFailedWriteDuringAMessageDoesNotBringTheNextOneBeforeItsTime) {
  client_side_.read_on = false;
  const auto client = Open();
  const auto server = Accepted();
  std::atomic<int> at_once = 0;
  std::atomic<int> most_at_once = 0;
  client_side_.at_message = [&](int64_t number) {
    most_at_once = std::max<int>(most_at_once, ++at_once);
    if (number == 0) {
      while (client->Send(Numbered(1))) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      // Time for a message that does not wait for its turn. Where none comes, none was due.
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    --at_once;
  };
  for (int i = 0; i < 3; ++i) server->Send(Numbered(i, 10));
  server->Close(absl::FailedPreconditionError("enough"));
  client->ReadNext();
  EXPECT_EQ(AwaitClientEnd().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(client_side_.received, (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(most_at_once, 1);
}

TEST_F(StreamTest, RacingClosersAndSendersFinishTheStreamOnce) {
  const auto client = Open();
  client->ReadNext();
  const auto server = Accepted();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) {
        server->Send(Numbered(i, 10));
        client->Send(Numbered(i));
        if (i == 150 + t) server->Close(absl::OkStatus());
        if (i == 190) server->Abort(absl::InternalError("late"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  AwaitClientEnd().IgnoreError();
  EXPECT_TRUE(AwaitServerEnd());
  EXPECT_EQ(client_side_.ended.size(), 1u);
}

TEST_F(StreamTest, AServerThatGoesAwayIsUnavailableToItsPeer) {
  const auto client = Open();
  client->ReadNext();
  const auto server = Accepted();
  server->Close(absl::UnavailableError("stopping"));
  EXPECT_EQ(AwaitClientEnd().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(AwaitServerEnd());
}

TEST_F(StreamTest, NobodyListeningIsUnavailable) {
  const auto stub = v1::WorkService::NewStub(*MakeChannel(absl::StrCat(address_, "-none")));
  auto stream = std::make_shared<RecordingStream>(&client_side_);
  RecordingStream::Open(stream, [&](grpc::ClientContext* context, auto* reactor) {
    stub->async()->Session(context, reactor);
  });
  stream->Send(Numbered(1));
  stream->ReadNext();
  EXPECT_EQ(AwaitClientEnd().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace firstguess
