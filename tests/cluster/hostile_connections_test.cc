// Those who connect and then say nothing, too much or too slowly, while a worker works.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/connection_rate.h"
#include "gmock/gmock.h"
#include "tests/cluster/security_fixture.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

// A connection that says only what it is told to.
class RawConnection {
 public:
  explicit RawConnection(const std::string& address)
      : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_port = htons(static_cast<uint16_t>(ParseAddress(address)->port));
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(descriptor_, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0) << errno;
  }
  ~RawConnection() { ::close(descriptor_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  // False once the other side has closed it.
  bool Say(absl::string_view bytes) {
    return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  // Whether the other side closes it within a minute. What it says first is passed over.
  bool AwaitClosed() {
    constexpr int kMinuteMs = 60'000;
    pollfd polled = {.fd = descriptor_, .events = POLLIN, .revents = 0};
    char ignored[4096];
    while (::poll(&polled, 1, kMinuteMs) > 0) {
      const ssize_t got = ::recv(descriptor_, ignored, sizeof(ignored), 0);
      if (got == 0 || (got < 0 && errno == ECONNRESET)) return true;
    }
    return false;
  }

 private:
  const int descriptor_;
};

class HostileConnections : public SecurityTest {
 protected:
  // A worker that was welcomed before and is answered after whatever happens in between.
  void Work() {
    session_ = std::make_unique<RawSession>(*MakeChannel(address(), worker_), nullptr, nullptr);
    session_->Send(HelloOf("node1"));
    ASSERT_TRUE(session_->Await([](const v1::CoordinatorMessage& m) { return m.has_welcome(); }));
  }
  void ExpectThatItWorksOn() {
    ASSERT_FALSE(session_->ended());
    v1::WorkerMessage heartbeat;
    heartbeat.mutable_heartbeat();
    session_->Send(heartbeat);
    EXPECT_TRUE(
        session_->Await([](const v1::CoordinatorMessage& m) { return m.has_heartbeat_reply(); }));
    session_.reset();
  }

  CallerSecurity worker_;
  std::unique_ptr<RawSession> session_;
};

TEST_F(HostileConnections, AThousandThatSayNothingOrHardlyAnythingKeepNobodyOutAndAreClosed) {
  StartTls();
  worker_ = {.tls_folder = Issue("node1", "worker")};
  const CallerSecurity anna{.tls_folder = Issue("anna", "viewer")};
  Work();
  constexpr int kSilent = 1000;
  std::vector<std::unique_ptr<RawConnection>> silent;
  for (int i = 0; i < kSilent; ++i) silent.push_back(std::make_unique<RawConnection>(address()));
  // The head of a TLS record that promises 512 bytes of greeting, which come one by one.
  RawConnection slow(address());
  bool open = slow.Say(absl::string_view("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11));
  EXPECT_TRUE(List(anna).ok());
  while (open) {
    open = slow.Say("x");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  EXPECT_TRUE(slow.AwaitClosed());
  for (const auto& connection : silent) ASSERT_TRUE(connection->AwaitClosed());
  EXPECT_TRUE(List(anna).ok());
  ExpectThatItWorksOn();
}

TEST_F(HostileConnections, NoiseIsClosed) {
  StartTls();
  worker_ = {.tls_folder = Issue("node1", "worker")};
  Work();
  RawConnection noise(address());
  noise.Say(absl::StrCat("GET / HTTP/1.1\r\nHost: x\r\n\r\n", std::string(1 << 16, 'x')));
  EXPECT_TRUE(noise.AwaitClosed());
  ExpectThatItWorksOn();
}

TEST_F(HostileConnections, AHugeMessageIsRefusedAndCostsOthersNothing) {
  StartPlain("127.0.0.1:0", {});
  Work();
  grpc::ClientContext context;
  v1::SubmitRequest request;
  request.set_spec(std::string(16 << 20, '#'));
  v1::SubmitResponse response;
  const grpc::Status status =
      v1::SweepService::NewStub(*MakeChannel(address()))->Submit(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  ExpectThatItWorksOn();
}

// Before it is known who speaks, headers are all that is read.
TEST_F(HostileConnections, HugeHeadersAreRefused) {
  StartPlain("127.0.0.1:0", {});
  Work();
  grpc::ClientContext context;
  context.AddMetadata("x", std::string(1 << 20, 'x'));
  v1::ListResponse response;
  const grpc::Status status =
      v1::SweepService::NewStub(*MakeChannel(address()))->List(&context, {}, &response);
  EXPECT_FALSE(status.ok());
  ExpectThatItWorksOn();
}

TEST(ConnectionRate, AMachineMayConnectSoOftenAtOnceAndThenSoOftenASecond) {
  ConnectionRate rate;
  absl::Duration now = absl::Seconds(100);
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) admitted += rate.Admit("10.0.0.1", now) ? 1 : 0;
  EXPECT_EQ(admitted, static_cast<int>(ConnectionRate::kAtOnce));
  // Another one is not held to account for it.
  EXPECT_TRUE(rate.Admit("10.0.0.2", now));
  now += absl::Seconds(1);
  admitted = 0;
  for (int i = 0; i < 1000; ++i) admitted += rate.Admit("10.0.0.1", now) ? 1 : 0;
  EXPECT_EQ(admitted, static_cast<int>(ConnectionRate::kPerSecond));
}

TEST(ConnectionRate, AFloodOfAddressesIsTurnedAwayAndForgotten) {
  ConnectionRate rate;
  absl::Duration now = absl::Seconds(100);
  int admitted = 0;
  for (int i = 0; i < 20'000; ++i) admitted += rate.Admit(absl::StrCat(i), now) ? 1 : 0;
  EXPECT_LT(admitted, 10'000);
  now += absl::Seconds(10);
  EXPECT_TRUE(rate.Admit("10.0.0.1", now));
}

}  // namespace
}  // namespace firstguess
