// 'firstguess health', as probes ask it.

#include "absl/strings/str_cat.h"
#include "coordinator/coordinator.h"
#include "gmock/gmock.h"
#include "grpcpp/health_check_service_interface.h"
#include "tests/tools/cli_fixture.h"
#include "tests/tools/fake_sweep_service.h"
#include "tools/firstguess/exit_codes.h"

namespace firstguess {
namespace {

using testing::HasSubstr;

class HealthTest : public CliFixture {
 protected:
  std::string Address() const { return absl::StrCat("unix:", Path("socket")); }
  int Ask(std::vector<std::string> flags = {}) {
    flags.insert(flags.begin(), {"health", "--coordinator", Address()});
    return Run(flags);
  }
};

TEST_F(HealthTest, ACoordinatorThatServesIsExitCodeZero) {
  const auto coordinator = Coordinator::Start({.database = Path("live.db"), .listen = {Address()}});
  ASSERT_TRUE(coordinator.ok()) << coordinator.status();
  EXPECT_EQ(Ask(), kExitDone) << err_.text;
  EXPECT_EQ(out_.Take(), absl::StrCat("The coordinator at ", Address(), " is serving.\n"));
  EXPECT_EQ(Ask({"--live"}), kExitDone) << err_.text;
  EXPECT_EQ(out_.Take(), absl::StrCat("The coordinator at ", Address(), " is live.\n"));
}

TEST_F(HealthTest, NoneIsExitCodeThree) {
  EXPECT_EQ(Ask(), kExitUnreachable);
  EXPECT_EQ(Ask({"--live"}), kExitUnreachable);
  EXPECT_THAT(err_.text, HasSubstr(absl::StrCat("no coordinator answers at ", Address())));
}

TEST_F(HealthTest, OneThatGrantsNothingIsLiveButNotWell) {
  grpc::EnableDefaultHealthCheckService(true);
  FakeSweepService service;
  const auto server = service.Serve(Address());
  grpc::EnableDefaultHealthCheckService(false);
  server->GetHealthCheckService()->SetServingStatus(false);
  EXPECT_EQ(Ask(), kExitFailed);
  EXPECT_THAT(err_.text, HasSubstr("grants nothing: its disk is full, or it stops."));
  EXPECT_EQ(Ask({"--live"}), kExitDone) << err_.text;
}

TEST_F(HealthTest, OneWhoseStateMachineFailsIsNotLive) {
  FakeSweepService service;
  service.FailWith(grpc::Status(grpc::StatusCode::DEADLINE_EXCEEDED, "it hangs"));
  const auto server = service.Serve(Address());
  EXPECT_EQ(Ask({"--live"}), kExitUnreachable);
}

}  // namespace
}  // namespace firstguess
