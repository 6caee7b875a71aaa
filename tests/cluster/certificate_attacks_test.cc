// A coordinator that other machines reach, and those who should not come in.

#include <chrono>
#include <filesystem>
#include <thread>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/cluster/security_fixture.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

class CertificateAttacks : public SecurityTest {
 protected:
  // Until the answer is of this kind; the last one.
  absl::Status AwaitList(const CallerSecurity& security, absl::StatusCode code) {
    const absl::Time end = absl::Now() + absl::Minutes(1);
    absl::Status status = List(security);
    while (status.code() != code && absl::Now() < end) status = List(security);
    return status;
  }
};

TEST_F(CertificateAttacks, ACertificateOfOursOpensWhatItsRoleMayDo) {
  StartTls();
  const CallerSecurity viewer{.tls_folder = Issue("anna", "viewer")};
  EXPECT_TRUE(List(viewer).ok()) << List(viewer);
  const absl::Status denied = Pause(viewer);
  EXPECT_TRUE(absl::IsPermissionDenied(denied)) << denied;
  EXPECT_THAT(std::string(denied.message()),
              HasSubstr("certificate:anna has the role viewer, which may not call Pause"));
  const CallerSecurity worker{.tls_folder = Issue("node1", "worker")};
  EXPECT_TRUE(Work(worker).ok()) << Work(worker);
  EXPECT_TRUE(absl::IsPermissionDenied(List(worker)));
  EXPECT_TRUE(absl::IsPermissionDenied(Work(viewer)));
}

TEST_F(CertificateAttacks, WithoutACertificateNobodyComesIn) {
  StartTls();
  EXPECT_TRUE(absl::IsUnavailable(Pause({})));
}

TEST_F(CertificateAttacks, ACertificateOfAnotherAuthorityIsRefused) {
  StartTls();
  const CallerSecurity mallory{.tls_folder = IssueElsewhere("mallory", "admin")};
  const absl::Status status = Pause(mallory);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(CertificateAttacks, AnExpiredCertificateIsRefused) {
  StartTls();
  // Ours refuses to use it at all.
  const CallerSecurity late{.tls_folder =
                                Issue("late", "admin", {}, absl::Now() - absl::Hours(24 * 366))};
  EXPECT_THAT(std::string(Pause(late).message()), HasSubstr("has expired"));
}

TEST_F(CertificateAttacks, ACertificateThatIsNotYetValidIsRefused) {
  StartTls();
  const CallerSecurity early{.tls_folder =
                                 Issue("early", "admin", {}, absl::Now() + absl::Hours(24))};
  EXPECT_TRUE(absl::IsUnavailable(Pause(early)));
}

TEST_F(CertificateAttacks, ARevokedCertificateIsRefusedOnTheConnectionThatItOpened) {
  StartTls();
  const CallerSecurity bob{.tls_folder = Issue("bob", "admin")};
  const auto channel = MakeChannel(address(), bob);
  ASSERT_TRUE(channel.ok()) << channel.status();
  const auto stub = v1::SweepService::NewStub(*channel);
  const auto list = [&] {
    grpc::ClientContext context;
    SetDeadline(context, absl::Minutes(1));
    v1::ListResponse response;
    return FromGrpcStatus(stub->List(&context, {}, &response));
  };
  EXPECT_TRUE(list().ok());
  Revoke("bob");
  EXPECT_TRUE(absl::IsUnauthenticated(list()));
  EXPECT_THAT(std::string(list().message()), HasSubstr("the certificate of bob was revoked"));
  EXPECT_TRUE(absl::IsUnauthenticated(List(bob)));
  const CallerSecurity carol{.tls_folder = Issue("carol", "viewer")};
  EXPECT_TRUE(List(carol).ok());
}

TEST_F(CertificateAttacks, ARevokedWorkersStreamEnds) {
  StartTls();
  const auto channel = MakeChannel(address(), {.tls_folder = Issue("node1", "worker")});
  RawSession session(*channel, nullptr, nullptr);
  session.Send(HelloOf("node1"));
  ASSERT_TRUE(session.Await([](const v1::CoordinatorMessage& m) { return m.has_welcome(); }));
  Revoke("node1");
  EXPECT_TRUE(absl::IsUnauthenticated(session.AwaitEnd()));
}

TEST_F(CertificateAttacks, ARevokedViewersWatchEndsInsteadOfShowingMore) {
  StartTls();
  const auto admin =
      v1::SweepService::NewStub(*MakeChannel(address(), {.tls_folder = Issue("root", "admin")}));
  const auto viewer =
      v1::SweepService::NewStub(*MakeChannel(address(), {.tls_folder = Issue("anna", "viewer")}));
  v1::SubmitRequest sweep;
  sweep.set_spec("name: s\ndataset: fashion-mnist\ntrain: {steps: 6}\ngrid: {}\n");
  v1::SubmitResponse submitted;
  grpc::ClientContext submitting;
  ASSERT_TRUE(admin->Submit(&submitting, sweep, &submitted).ok());

  grpc::ClientContext watching;
  SetDeadline(watching, absl::Minutes(1));
  v1::WatchRequest request;
  request.set_name("s");
  const auto watch = viewer->Watch(&watching, request);
  v1::SweepStatus seen;
  ASSERT_TRUE(watch->Read(&seen));
  Revoke("anna");
  v1::PauseRequest change;
  change.set_name("s");
  grpc::ClientContext changing;
  ASSERT_TRUE(admin->Pause(&changing, change, &seen).ok());
  while (watch->Read(&seen)) EXPECT_NE(seen.state(), "paused");
  EXPECT_TRUE(absl::IsUnauthenticated(FromGrpcStatus(watch->Finish())));
}

TEST_F(CertificateAttacks, AListThatNobodyWeBelieveSignedRevokesNobody) {
  StartTls();
  const CallerSecurity anna{.tls_folder = Issue("anna", "viewer")};
  IssueElsewhere("mallory", "admin");
  std::filesystem::copy_file(folder("other-ca") + "/ca.crl", folder("coordinator") + "/ca.crl",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_TRUE(List(anna).ok());
  EXPECT_THAT(Logged(), HasSubstr("no authority in ca.crt signed this list"));
  // And those of before are not forgotten.
  Revoke("anna");
  EXPECT_TRUE(absl::IsUnauthenticated(List(anna)));
  std::filesystem::remove(folder("coordinator") + "/ca.crl");
  EXPECT_TRUE(absl::IsUnauthenticated(List(anna)));
}

TEST_F(CertificateAttacks, ACertificateOfOursWithoutARoleMayDoNothing) {
  StartTls();
  // A coordinator's is none for callers, however much it is of our authority.
  const absl::Status status = Pause({.tls_folder = Issue("node2", "coordinator", {"node2"})});
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
}

TEST_F(CertificateAttacks, AWorkersCertificateCanNotPlayTheCoordinator) {
  Issue("node1", "worker", {"127.0.0.1"});
  StartPlain("127.0.0.1:0", {.tls_folder = folder("node1")});
  EXPECT_TRUE(absl::IsUnavailable(Pause({.tls_folder = Issue("anna", "admin")})));
}

TEST_F(CertificateAttacks, ACoordinatorOfAnotherNameIsNotBelieved) {
  Issue("elsewhere", "coordinator", {"elsewhere.example"});
  StartPlain("127.0.0.1:0", {.tls_folder = folder("elsewhere")});
  EXPECT_TRUE(absl::IsUnavailable(Pause({.tls_folder = Issue("anna", "admin")})));
}

// The files are looked at once a second.
TEST_F(CertificateAttacks, ANewAuthorityIsBelievedAndTheOldOneNoLongerWithoutARestart) {
  StartTls();
  const CallerSecurity anna{.tls_folder = Issue("anna", "viewer")};
  ASSERT_TRUE(List(anna).ok());
  const CallerSecurity other{.tls_folder = IssueElsewhere("oscar", "viewer")};
  ASSERT_FALSE(List(other).ok());
  const std::string to = folder("coordinator") + "/ca.crt";
  std::filesystem::copy_file(folder("other-ca") + "/ca.crt", to + ".new");
  std::filesystem::rename(to + ".new", to);
  EXPECT_TRUE(AwaitList(other, absl::StatusCode::kOk).ok());
  EXPECT_EQ(AwaitList(anna, absl::StatusCode::kUnavailable).code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace firstguess
