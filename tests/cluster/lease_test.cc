// How long a silent worker keeps its work, as the coordinator's options say.

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "coordinator/coordinator.h"
#include "gtest/gtest.h"
#include "tests/cluster/fake_worker.h"
#include "tests/cluster/test_cluster.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {
namespace {

// A coordinator whose leases last 12 s, on simulated time.
class LeaseTest : public ::testing::Test {
 protected:
  static constexpr absl::Duration kLease = absl::Seconds(12);

  void SetUp() override {
    address_ = absl::StrCat("unix:", folder_.File("socket"));
    absl::StatusOr<std::unique_ptr<Coordinator>> coordinator =
        Coordinator::Start({.database = folder_.File("sweeps.db"),
                            .listen = {address_},
                            .lease = kLease,
                            .clock = &clock_});
    ASSERT_TRUE(coordinator.ok()) << coordinator.status();
    coordinator_ = *std::move(coordinator);
  }
  void TearDown() override { coordinator_.reset(); }

  void Submit(const std::string& spec) {
    const auto client = v1::SweepService::NewStub(*MakeChannel(address_));
    grpc::ClientContext context;
    SetDeadline(context);
    v1::SubmitRequest request;
    request.set_spec(spec);
    v1::SubmitResponse response;
    const grpc::Status status = client->Submit(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  void Advance(absl::Duration by) {
    for (absl::Duration done; done < by; done += absl::Milliseconds(500)) {
      clock_.Advance(absl::Milliseconds(500));
      coordinator_->RunDue();
    }
  }

  SimulatedClock clock_;
  const TemporaryFolder folder_;
  std::string address_;
  std::unique_ptr<Coordinator> coordinator_;
};

TEST_F(LeaseTest, SixHeartbeatsFallIntoALease) {
  FakeWorker worker(address_, {.name = "w"});
  ASSERT_TRUE(worker.Connect());
  EXPECT_EQ(worker.seen().welcomes.front().heartbeat_seconds(), 2);
}

TEST_F(LeaseTest, AWorkerThatIsSilentForLongerLosesItsWorkAndNotBefore) {
  FakeWorker silent(address_, {.name = "silent", .capacity = 1, .hold = true});
  ASSERT_TRUE(silent.Connect());
  Submit(SpecOfSeeds("s", 4));
  ASSERT_TRUE(silent.Await([](const FakeWorker::Seen& seen) { return seen.held.size() == 1; }));
  FakeWorker other(address_, {.name = "other"});
  ASSERT_TRUE(other.Connect());
  Advance(kLease - absl::Seconds(1));
  EXPECT_EQ(other.seen().grants, 0);
  ASSERT_TRUE(other.Heartbeat());
  Advance(absl::Seconds(2));
  EXPECT_TRUE(other.Await([](const FakeWorker::Seen& seen) { return seen.grants == 1; }));
}

TEST_F(LeaseTest, AGrantSaysHowLongATrialMayTake) {
  FakeWorker worker(address_, {.name = "w", .hold = true});
  ASSERT_TRUE(worker.Connect());
  Submit("trial_timeout: 90\n" + SpecOfSeeds("s", 4));
  ASSERT_TRUE(worker.Await([](const FakeWorker::Seen& seen) { return seen.grants == 1; }));
  EXPECT_EQ(worker.seen().held.front().timeout_seconds_per_trial, 90);
}

}  // namespace
}  // namespace firstguess
