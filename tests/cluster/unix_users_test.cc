// Users of this machine, at a unix socket; and addresses that more than this machine reaches.

#include "coordinator/unix_users.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "gmock/gmock.h"
#include "grpcpp/create_channel_posix.h"
#include "tests/cluster/security_fixture.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

constexpr uid_t kOther = 65534;
constexpr uid_t kStranger = 65533;

class UnixUsersTest : public SecurityTest {};

TEST_F(UnixUsersTest, TheSocketIsForItsOwnerWhoIsAnAdmin) {
  StartPlain("unix:" + folder("socket"), {});
  struct stat info = {};
  ASSERT_EQ(stat(folder("socket").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_TRUE(absl::IsNotFound(Drain({}))) << Drain({});
  EXPECT_THAT(Logged(), HasSubstr("AUDIT DrainWorker who=user:"));
}

TEST_F(UnixUsersTest, TheOwnerNeedsNoTokenOnTheSocket) {
  StartPlain("unix:" + folder("socket"), {.tokens_file = WriteFile("tokens", "")});
  EXPECT_TRUE(absl::IsNotFound(Drain({})));
}

TEST_F(UnixUsersTest, AnAddressOfTheNetworkNeedsTlsOrItsExplicitAbsence) {
  Coordinator::Options options;
  options.database = folder("sweeps.db");
  options.listen = {"0.0.0.0:0"};
  const absl::Status status = Coordinator::Start(options).status();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("--tls FOLDER"));
  options.security.insecure_network = true;
  options.security.tokens_file = WriteFile("tokens", "");
  EXPECT_THAT(std::string(Coordinator::Start(options).status().message()),
              HasSubstr("tokens would be seen"));
  options.security.tokens_file = "";
  EXPECT_TRUE(Coordinator::Start(options).ok());
  EXPECT_THAT(Logged(), HasSubstr("whoever reaches this address may do everything"));
}

// A descriptor, or what keeps that user out as a negative number.
int ConnectAs(uid_t user, const std::string& path) {
  int connected = 0;
  std::thread([&] {
    // Of this thread alone; glibc's function would change all of them.
    if (::syscall(SYS_setresuid, -1, user, -1) != 0) {
      connected = -errno;
      return;
    }
    sockaddr_un name = {};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.c_str(), path.size());
    connected = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(connected, reinterpret_cast<sockaddr*>(&name), sizeof(name)) == 0) return;
    const int error = errno;
    ::close(connected);
    connected = -error;
  }).join();
  if (connected >= 0) ::fcntl(connected, F_SETFL, O_NONBLOCK);
  return connected;
}

class OtherUsersTest : public SecurityTest {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
    ASSERT_EQ(chmod(folder("").c_str(), 0711), 0);
  }

  // What this user is answered to a pause.
  absl::Status PauseAs(uid_t user) {
    const int connection = ConnectAs(user, folder("socket"));
    if (connection < 0) return absl::ErrnoToStatus(-connection, "connect");
    const auto stub = v1::SweepService::NewStub(grpc::CreateInsecureChannelFromFd("s", connection));
    grpc::ClientContext context;
    SetDeadline(context, absl::Minutes(1));
    v1::PauseRequest request;
    request.set_name("no-such-sweep");
    v1::SweepStatus response;
    return FromGrpcStatus(stub->Pause(&context, request, &response));
  }
};

TEST_F(OtherUsersTest, TheKernelSaysWhoIsThere) {
  StartPlain("unix:" + folder("socket"), {.unix_users = {absl::StrCat(kOther, "=submitter")}});
  EXPECT_TRUE(absl::IsNotFound(PauseAs(kOther))) << PauseAs(kOther);
  const absl::Status status = PauseAs(kStranger);
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("--unix-user"));
  EXPECT_THAT(Logged(), HasSubstr("role=submitter from=unix: of=no-such-sweep"));
}

TEST_F(OtherUsersTest, WhereNobodyWasGivenARoleTheSocketCanNotEvenBeOpened) {
  StartPlain("unix:" + folder("socket"), {});
  EXPECT_TRUE(absl::IsPermissionDenied(PauseAs(kOther))) << PauseAs(kOther);
  EXPECT_EQ(ConnectAs(kOther, folder("socket")), -EACCES);
}

TEST_F(OtherUsersTest, WhoHasNoRoleMayStillHaveAToken) {
  StartPlain("unix:" + folder("socket"), {.tokens_file = WriteFile("tokens", "")});
  EXPECT_TRUE(absl::IsUnauthenticated(PauseAs(kOther))) << PauseAs(kOther);
}

TEST(UnixUsers, WhoRunsTheCoordinatorAndRootAreAdminsAndStaySo) {
  const UnixUsers own;
  EXPECT_EQ(own.users().front().id, geteuid());
  for (const UnixUsers::User& user : own.users()) EXPECT_EQ(user.caller.role, Role::kAdmin);
  EXPECT_FALSE(UnixUsers::Parse({"root=viewer"}).ok());
  EXPECT_FALSE(UnixUsers::Parse({"65534=viewer", "65534=admin"}).ok());
}

TEST(UnixUsers, AMistakeIsNamed) {
  for (const char* wrong :
       {"65534", "65534=", "65534=root", "=viewer", "no-such-user-here=viewer"}) {
    const absl::Status status = UnixUsers::Parse({wrong}).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << wrong;
    EXPECT_THAT(std::string(status.message()), HasSubstr(wrong));
  }
}

}  // namespace
}  // namespace firstguess
