#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/certificates/authority.h"
#include "common/rpc/address.h"
#include "common/rpc/channel.h"
#include "common/rpc/health.h"
#include "common/rpc/status.h"
#include "coordinator/coordinator.h"
#include "firstguess/v1/sweep_service.grpc.pb.h"
#include "gtest/gtest.h"
#include "tests/cluster/raw_session.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {

// A coordinator on real sockets and real time, an authority with certificates for it and its
// callers, and callers of every kind.
class SecurityTest : public ::testing::Test {
 protected:
  SecurityTest();
  ~SecurityTest() override;

  // A folder with a certificate of our authority, or of another one.
  std::string Issue(const std::string& name, const std::string& role,
                    const std::vector<std::string>& hosts = {}, absl::Time now = absl::Now());
  std::string IssueElsewhere(const std::string& name, const std::string& role);
  // Revokes every certificate of this name, and tells the coordinator.
  void Revoke(const std::string& name);

  // A file for its owner alone.
  std::string WriteFile(const std::string& name, const std::string& content);
  // The line for a token in the coordinator's file.
  static std::string TokenLine(const std::string& role, const std::string& name,
                               const std::string& token);

  // Listens at 127.0.0.1 with TLS.
  void StartTls();
  // Listens at `address`, without TLS.
  void StartPlain(const std::string& address, Coordinator::Security security);
  void Stop();

  const std::string& address() const { return address_; }
  std::string folder(const std::string& name) { return folder_.File(name); }

  absl::Status List(const CallerSecurity& security);
  absl::Status Pause(const CallerSecurity& security);
  absl::Status Drain(const CallerSecurity& security);
  // Opens a worker's stream; OK if it was welcomed.
  absl::Status Work(const CallerSecurity& security, const std::string& name = "worker");

  // What was logged since the test began.
  std::string Logged();

  Coordinator* coordinator() { return coordinator_.get(); }

 private:
  void Start(Coordinator::Options options);

  TemporaryFolder folder_;
  std::string address_;
  std::unique_ptr<Coordinator> coordinator_;
};

}  // namespace firstguess
