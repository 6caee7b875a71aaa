// Coordinators that start, or say in words why they can't; and that stop.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cluster/test_cluster.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

class StartTest : public ::testing::Test {
 protected:
  std::string Path(const std::string& name) const { return folder_.File(name); }
  absl::StatusOr<std::unique_ptr<Coordinator>> Start(const std::string& database,
                                                     const std::string& listen) {
    return Coordinator::Start({.database = Path(database), .listen = {listen}, .clock = &clock_});
  }
  static absl::Status Ask(const std::string& address) {
    const auto client = v1::SweepService::NewStub(*MakeChannel(address));
    grpc::ClientContext context;
    SetDeadline(context);
    v1::ListResponse response;
    const grpc::Status status = client->List(&context, {}, &response);
    return status.ok() ? absl::OkStatus() : absl::UnavailableError(status.error_message());
  }

  SimulatedClock clock_;
  const TemporaryFolder folder_;
};

TEST_F(StartTest, AFreePortIsFilledInAndServed) {
  const auto coordinator = Start("a.db", "127.0.0.1:0");
  ASSERT_TRUE(coordinator.ok()) << coordinator.status();
  ASSERT_EQ((*coordinator)->addresses().size(), 1u);
  const std::string address = (*coordinator)->addresses()[0];
  EXPECT_THAT(address, MatchesRegex("127\\.0\\.0\\.1:[1-9][0-9]*"));
  EXPECT_TRUE(Ask(address).ok());
  (*coordinator)->Shutdown(absl::ZeroDuration());
  EXPECT_FALSE(Ask(address).ok());
}

TEST_F(StartTest, SeveralAddressesAreServedAtOnce) {
  const auto coordinator = Coordinator::Start(
      {.database = Path("a.db"), .listen = {"127.0.0.1:0", "unix:" + Path("s")}, .clock = &clock_});
  ASSERT_TRUE(coordinator.ok()) << coordinator.status();
  for (const std::string& address : (*coordinator)->addresses()) EXPECT_TRUE(Ask(address).ok());
}

TEST_F(StartTest, APortInUseIsNamedAndNothingIsCreated) {
  const auto first = Start("a.db", "127.0.0.1:0");
  ASSERT_TRUE(first.ok()) << first.status();
  const std::string address = (*first)->addresses()[0];
  const absl::Status second = Start("b.db", address).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(second.message(), absl::StrCat(address, " is in use by another program"));
  EXPECT_FALSE(std::filesystem::exists(Path("b.db")));
}

TEST_F(StartTest, AnAddressThatOthersReachIsRefused) {
  EXPECT_EQ(Start("a.db", "0.0.0.0:0").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(std::filesystem::exists(Path("a.db")));
}

TEST_F(StartTest, ASocketThatADeadProcessLeftIsReplacedAndOneInUseIsNot) {
  const std::string address = "unix:" + Path("s");
  {
    // Bound and never removed, as after kill -9.
    sockaddr_un name = {};
    name.sun_family = AF_UNIX;
    std::strncpy(name.sun_path, Path("s").c_str(), sizeof(name.sun_path) - 1);
    const int dead = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_EQ(::bind(dead, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
    ::close(dead);
  }
  const auto first = Start("a.db", address);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(Ask(address).ok());
  const absl::Status second = Start("b.db", address).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(second.message(), absl::StrCat(address, " is in use by another program"));
  EXPECT_TRUE(Ask(address).ok());
  (*first)->Shutdown(absl::ZeroDuration());
  EXPECT_FALSE(std::filesystem::exists(Path("s")));
}

TEST_F(StartTest, AFileThatIsNoSocketIsLeftAlone) {
  std::ofstream(Path("s")) << "precious";
  const absl::Status status = Start("a.db", "unix:" + Path("s")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("there is a file of that name"));
  EXPECT_TRUE(std::filesystem::exists(Path("s")));
}

TEST_F(StartTest, ADatabaseThatAnotherCoordinatorHasIsRefused) {
  const auto first = Start("a.db", "unix:" + Path("s"));
  ASSERT_TRUE(first.ok()) << first.status();
  const absl::Status second = Start("a.db", "unix:" + Path("t")).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kUnavailable) << second;
  EXPECT_THAT(std::string(second.message()), HasSubstr("a.db"));
}

TEST_F(StartTest, AFileThatIsNoDatabaseIsRefusedAndLeftAsItWas) {
  std::ofstream(Path("a.db")) << "These are notes, and no database, and they are long enough.\n";
  const absl::Status status = Start("a.db", "unix:" + Path("s")).status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr("a.db"));
  std::ifstream file(Path("a.db"));
  std::string line;
  std::getline(file, line);
  EXPECT_THAT(line, HasSubstr("These are notes"));
}

TEST_F(StartTest, AShutdownWaitsForResultsOnTheirWay) {
  TestCluster cluster;
  FakeWorker* const worker = cluster.AddWorker({.name = "w", .capacity = 4, .hold = true});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 24)).ok());
  ASSERT_TRUE(worker->Await([](const FakeWorker::Seen& seen) { return seen.TrialsHeld() == 16; }));
  worker->Release();
  cluster.StopCoordinator(absl::Seconds(30));
  ASSERT_TRUE(worker->Await([](const FakeWorker::Seen& seen) { return !seen.connected; }));
  const FakeWorker::Seen seen = worker->seen();
  EXPECT_TRUE(seen.unsent.empty());
  EXPECT_GE(seen.Acknowledged(v1::ResultAck::STORED), 16);
  EXPECT_EQ(cluster.Count("SELECT done FROM sweep"), seen.Acknowledged(v1::ResultAck::STORED));
  cluster.StartCoordinator();
  ASSERT_TRUE(worker->Connect());
  EXPECT_EQ(cluster.AwaitEnd("s")->done(), 24);
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();
}

TEST_F(StartTest, AWatcherIsToldThatTheCoordinatorStops) {
  TestCluster cluster;
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 16)).ok());
  grpc::ClientContext context;
  SetDeadline(context, absl::Minutes(1));
  v1::WatchRequest request;
  request.set_name("s");
  const auto reader = cluster.client()->Watch(&context, request);
  v1::SweepStatus sweep;
  ASSERT_TRUE(reader->Read(&sweep));
  cluster.StopCoordinator();
  while (reader->Read(&sweep)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace firstguess
