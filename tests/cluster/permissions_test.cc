// Every method against every role, as the table says and as a coordinator answers.

#include <map>
#include <set>
#include <string>

#include "common/rpc/raw_call.h"
#include "common/wire/trajectory_wire.h"
#include "coordinator/service/permissions.h"
#include "firstguess/v1/work_service.pb.h"
#include "gmock/gmock.h"
#include "tests/cluster/security_fixture.h"
#include "tests/coordinator/service/fake_trajectory.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

const std::set<Role> kReaders = {Role::kViewer, Role::kSubmitter, Role::kAdmin};
const std::set<Role> kSubmitters = {Role::kSubmitter, Role::kAdmin};

// Written down a second time, so that a slip in one of them shows.
const std::map<std::string, std::set<Role>>& Expected() {
  static const auto* const expected = new std::map<std::string, std::set<Role>>{
      {"/firstguess.v1.SweepService/Preview", kReaders},
      {"/firstguess.v1.SweepService/Submit", kSubmitters},
      {"/firstguess.v1.SweepService/List", kReaders},
      {"/firstguess.v1.SweepService/Get", kReaders},
      {"/firstguess.v1.SweepService/Watch", kReaders},
      {"/firstguess.v1.SweepService/Pause", kSubmitters},
      {"/firstguess.v1.SweepService/Resume", kSubmitters},
      {"/firstguess.v1.SweepService/Cancel", kSubmitters},
      {"/firstguess.v1.SweepService/RetryFailed", kSubmitters},
      {"/firstguess.v1.SweepService/Query", kReaders},
      {"/firstguess.v1.SweepService/ListWorkers", kReaders},
      {"/firstguess.v1.SweepService/DrainWorker", {Role::kAdmin}},
      {"/firstguess.v1.WorkService/Session", {Role::kWorker, Role::kAdmin}},
  };
  return *expected;
}

std::set<std::string> MethodsOf(const google::protobuf::ServiceDescriptor* service) {
  std::set<std::string> methods;
  for (int i = 0; i < service->method_count(); ++i) {
    methods.insert(absl::StrCat("/", service->full_name(), "/", service->method(i)->name()));
  }
  return methods;
}

std::set<std::string> OwnMethods() {
  const auto* const pool = google::protobuf::DescriptorPool::generated_pool();
  std::set<std::string> methods = MethodsOf(pool->FindServiceByName("firstguess.v1.SweepService"));
  methods.merge(MethodsOf(pool->FindServiceByName("firstguess.v1.WorkService")));
  return methods;
}

TEST(Permissions, EveryMethodHasOneAndTheyAreTheReviewedOnes) {
  std::set<std::string> expected;
  for (const auto& [method, roles] : Expected()) expected.insert(method);
  EXPECT_EQ(OwnMethods(), expected);
  for (const std::string& method : OwnMethods()) {
    const Permission* const permission = FindPermission(method);
    ASSERT_NE(permission, nullptr) << method;
    EXPECT_FALSE(permission->anyone) << method;
    for (const Role role : kRoles) {
      EXPECT_EQ(Allows(*permission, role), Expected().at(method).count(role) > 0)
          << method << " " << RoleName(role);
    }
  }
}

TEST(Permissions, OnlyHealthIsForEverybody) {
  for (const Permission& permission : Permissions()) {
    EXPECT_EQ(permission.anyone, permission.method == "/grpc.health.v1.Health/Check")
        << permission.method;
  }
}

class PermissionsTest : public SecurityTest {
 protected:
  void SetUp() override {
    std::string lines;
    for (const Role role : kRoles) {
      const std::string name(RoleName(role));
      lines += TokenLine(name, name, TokenOf(role));
    }
    StartPlain("127.0.0.1:0", {.tokens_file = WriteFile("tokens", lines)});
  }
  static std::string TokenOf(Role role) {
    return absl::StrCat("the token of role ", RoleName(role));
  }
  CallerSecurity With(Role role) {
    return {.token_file = WriteFile(absl::StrCat("token.", RoleName(role)), TokenOf(role))};
  }

  // What the coordinator says to one empty message.
  static absl::Status Call(const std::shared_ptr<grpc::Channel>& channel,
                           const std::string& method) {
    return CallRaw(channel, method, absl::Minutes(1)).status();
  }
};

TEST_F(PermissionsTest, EveryRoleIsAnsweredAsTheTableSays) {
  for (const Role role : kRoles) {
    const auto channel = MakeChannel(address(), With(role));
    ASSERT_TRUE(channel.ok()) << channel.status();
    for (const auto& [method, roles] : Expected()) {
      const absl::Status answer = Call(*channel, method);
      EXPECT_EQ(absl::IsPermissionDenied(answer), roles.count(role) == 0)
          << RoleName(role) << " " << method << ": " << answer;
      EXPECT_FALSE(absl::IsUnauthenticated(answer) || absl::IsUnavailable(answer)) << answer;
    }
  }
}

TEST_F(PermissionsTest, WithoutAnIdentityNoMethodIsAnswered) {
  const auto channel = MakeChannel(address());
  for (const std::string& method : OwnMethods()) {
    EXPECT_TRUE(absl::IsUnauthenticated(Call(*channel, method))) << method;
  }
  EXPECT_TRUE(absl::IsUnauthenticated(
      Call(*channel, "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")));
}

TEST_F(PermissionsTest, AMethodThatIsNotInTheTableIsRefusedToEverybody) {
  const auto nobody = MakeChannel(address());
  const auto admin = MakeChannel(address(), With(Role::kAdmin));
  for (const char* method : {"/firstguess.v1.SweepService/Nothing", "/firstguess.v1.SweepService/",
                             "/x/y", "/firstguess.v1.sweepservice/List"}) {
    EXPECT_TRUE(absl::IsUnauthenticated(Call(*nobody, method))) << method;
    EXPECT_TRUE(absl::IsUnimplemented(Call(*admin, method))) << method;
  }
}

// A lease is its worker's, whoever else knows its number and the worker's name.
TEST_F(PermissionsTest, AWorkerCanNotTakeOverWhatAnotherIdentityWasGranted) {
  WriteFile("tokens", TokenLine("worker", "node1", "the token of node 1") +
                          TokenLine("worker", "node2", "the token of node 2") +
                          TokenLine("submitter", "bob", "the token of bob..."));
  const auto with = [this](const std::string& token) {
    return *MakeChannel(address(), {.token_file = WriteFile("token", token)});
  };
  RawSession first(with("the token of node 1"), nullptr, nullptr);
  first.Send(HelloOf("node1"));
  ASSERT_TRUE(first.Await([](const v1::CoordinatorMessage& m) { return m.has_welcome(); }));
  {
    grpc::ClientContext context;
    v1::SubmitRequest request;
    request.set_spec("name: s\ndataset: fashion-mnist\ntrain: {steps: 6}\ngrid: {}\n");
    v1::SubmitResponse response;
    const grpc::Status submitted = v1::SweepService::NewStub(with("the token of bob..."))
                                       ->Submit(&context, request, &response);
    ASSERT_TRUE(submitted.ok()) << submitted.error_message();
  }
  const auto granted = first.Await([](const v1::CoordinatorMessage& m) { return m.has_grant(); });
  ASSERT_TRUE(granted.has_value());

  // The same instance id, by another identity, that says it holds the lease.
  RawSession thief(with("the token of node 2"), nullptr, nullptr);
  v1::WorkerMessage hello = HelloOf("node1");
  hello.mutable_hello()->set_epoch(99);
  hello.mutable_hello()->mutable_inventory()->add_leases()->set_lease_id(
      granted->grant().lease_id());
  thief.Send(hello);
  const auto welcome = thief.Await([](const v1::CoordinatorMessage& m) { return m.has_welcome(); });
  ASSERT_TRUE(welcome.has_value());
  EXPECT_THAT(welcome->welcome().drop_leases(), testing::ElementsAre(granted->grant().lease_id()));
  v1::WorkerMessage result;
  result.mutable_result()->set_lease_id(granted->grant().lease_id());
  result.mutable_result()->set_trial_id(granted->grant().trials(0).trial_id());
  *result.mutable_result()->mutable_trajectory() =
      ToProto(FakeTrajectory(*TrialConfigFromJson(granted->grant().trials(0).config())));
  result.mutable_result()->set_last(true);
  thief.Send(result);
  const auto answer =
      thief.Await([](const v1::CoordinatorMessage& m) { return m.has_result_ack(); });
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->result_ack().outcome(), v1::ResultAck::PERMISSION_DENIED);
  // Its owner noticed nothing.
  EXPECT_FALSE(first.ended());
  first.Send(result);
  const auto stored =
      first.Await([](const v1::CoordinatorMessage& m) { return m.has_result_ack(); });
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->result_ack().outcome(), v1::ResultAck::STORED);
}

TEST_F(PermissionsTest, AnInstanceIdCanNotPretendToBeAnIdentity) {
  RawSession session(*MakeChannel(address(), With(Role::kAdmin)), nullptr, nullptr);
  v1::WorkerMessage hello = HelloOf("node1");
  hello.mutable_hello()->set_instance_id("node1@token:node1");
  session.Send(hello);
  EXPECT_TRUE(absl::IsInvalidArgument(session.AwaitEnd()));
}

}  // namespace
}  // namespace firstguess
