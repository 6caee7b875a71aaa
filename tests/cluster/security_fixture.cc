#include "tests/cluster/security_fixture.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/hash.h"
#include "common/log.h"
#include "common/mutex.h"
#include "common/open_files.h"

namespace firstguess {
namespace {

constexpr absl::Duration kYear = absl::Hours(24 * 365);
constexpr absl::Duration kAnswerPatience = absl::Minutes(1);

void MakeAuthority(const std::string& folder) {
  if (std::filesystem::exists(folder)) return;
  const absl::Status made = Authority::Init(folder, 100 * kYear, absl::Now() - 50 * kYear);
  EXPECT_TRUE(made.ok()) << made;
}

}  // namespace

SecurityTest::SecurityTest() {
  RaiseOpenFileLimit();
  EXPECT_TRUE(SetLogFile(folder("log")));
}

SecurityTest::~SecurityTest() { Stop(); }

std::string SecurityTest::Issue(const std::string& name, const std::string& role,
                                const std::vector<std::string>& hosts, absl::Time now) {
  MakeAuthority(folder("ca"));
  const absl::StatusOr<Authority> authority = Authority::Open(folder("ca"));
  EXPECT_TRUE(authority.ok()) << authority.status();
  const auto issued = authority->Issue(
      {.name = name, .role = role, .hosts = hosts, .lifetime = kYear, .folder = folder(name)}, now);
  EXPECT_TRUE(issued.ok()) << issued.status();
  return folder(name);
}

std::string SecurityTest::IssueElsewhere(const std::string& name, const std::string& role) {
  MakeAuthority(folder("other-ca"));
  const absl::StatusOr<Authority> authority = Authority::Open(folder("other-ca"));
  const auto issued = authority->Issue(
      {.name = name, .role = role, .hosts = {}, .lifetime = kYear, .folder = folder(name)},
      absl::Now());
  EXPECT_TRUE(issued.ok()) << issued.status();
  // It believes our coordinator; ours does not believe it.
  std::filesystem::copy_file(folder("ca") + "/ca.crt", folder(name) + "/ca.crt",
                             std::filesystem::copy_options::overwrite_existing);
  return folder(name);
}

void SecurityTest::Revoke(const std::string& name) {
  const absl::StatusOr<Authority> authority = Authority::Open(folder("ca"));
  const auto revoked = authority->Revoke(name, absl::Now());
  EXPECT_TRUE(revoked.ok()) << revoked.status();
  const std::string list = folder("coordinator") + "/ca.crl";
  std::ofstream(list + ".new") << *authority->RevocationList();
  std::filesystem::rename(list + ".new", list);
}

std::string SecurityTest::WriteFile(const std::string& name, const std::string& content) {
  const std::string path = folder(name);
  std::ofstream(path + ".new") << content;
  chmod((path + ".new").c_str(), 0600);
  std::filesystem::rename(path + ".new", path);
  return path;
}

std::string SecurityTest::TokenLine(const std::string& role, const std::string& name,
                                    const std::string& token) {
  return absl::StrCat(role, " ", name, " ", Sha256Hex(token), "\n");
}

void SecurityTest::StartTls() {
  Issue("coordinator", "coordinator", {"127.0.0.1"});
  Coordinator::Options options;
  options.listen = {"127.0.0.1:0"};
  options.security.tls_folder = folder("coordinator");
  options.security.handshake_timeout = absl::Seconds(2);
  Start(std::move(options));
}

void SecurityTest::StartPlain(const std::string& address, Coordinator::Security security) {
  Coordinator::Options options;
  options.listen = {address};
  options.security = std::move(security);
  Start(std::move(options));
}

void SecurityTest::Start(Coordinator::Options options) {
  options.database = folder("sweeps.db");
  absl::StatusOr<std::unique_ptr<Coordinator>> coordinator = Coordinator::Start(std::move(options));
  ASSERT_TRUE(coordinator.ok()) << coordinator.status();
  coordinator_ = *std::move(coordinator);
  address_ = coordinator_->addresses().front();
}

void SecurityTest::Stop() {
  if (coordinator_ != nullptr) coordinator_->Shutdown(absl::ZeroDuration());
  coordinator_ = nullptr;
}

absl::Status SecurityTest::List(const CallerSecurity& security) {
  const auto channel = MakeChannel(address_, security);
  if (!channel.ok()) return channel.status();
  grpc::ClientContext context;
  SetDeadline(context, kAnswerPatience);
  v1::ListResponse response;
  return FromGrpcStatus(v1::SweepService::NewStub(*channel)->List(&context, {}, &response));
}

absl::Status SecurityTest::Pause(const CallerSecurity& security) {
  const auto channel = MakeChannel(address_, security);
  if (!channel.ok()) return channel.status();
  grpc::ClientContext context;
  SetDeadline(context, kAnswerPatience);
  v1::PauseRequest request;
  request.set_name("no-such-sweep");
  v1::SweepStatus response;
  return FromGrpcStatus(v1::SweepService::NewStub(*channel)->Pause(&context, request, &response));
}

absl::Status SecurityTest::Drain(const CallerSecurity& security) {
  const auto channel = MakeChannel(address_, security);
  if (!channel.ok()) return channel.status();
  grpc::ClientContext context;
  SetDeadline(context, kAnswerPatience);
  v1::DrainWorkerRequest request;
  request.set_name("no-such-worker");
  v1::DrainWorkerResponse response;
  return FromGrpcStatus(
      v1::SweepService::NewStub(*channel)->DrainWorker(&context, request, &response));
}

absl::Status SecurityTest::Work(const CallerSecurity& security, const std::string& name) {
  const auto channel = MakeChannel(address_, security);
  if (!channel.ok()) return channel.status();
  Mutex mutex;
  CondVar changed;
  bool welcomed = false;
  bool ended = false;
  const auto set = [&](bool* what) {
    MutexLock lock(&mutex);
    *what = true;
    changed.NotifyAll();
  };
  RawSession session(
      *channel,
      [&](const v1::CoordinatorMessage& m) {
        if (m.has_welcome()) set(&welcomed);
      },
      [&] { set(&ended); });
  session.Send(HelloOf(name));
  {
    MutexLock lock(&mutex);
    while (!welcomed && !ended) changed.Wait(&mutex);
  }
  session.HalfClose();
  const absl::Status end = session.AwaitEnd();
  MutexLock lock(&mutex);
  return welcomed ? absl::OkStatus() : end;
}

std::string SecurityTest::Logged() {
  std::stringstream content;
  content << std::ifstream(folder("log")).rdbuf();
  return content.str();
}

}  // namespace firstguess
