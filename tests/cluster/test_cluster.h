#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/rpc/health.h"
#include "coordinator/coordinator.h"
#include "firstguess/v1/sweep_service.grpc.pb.h"
#include "tests/cluster/fake_worker.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {

// A whole coordinator in this process, on simulated time, with a real database in a temporary
// folder and real gRPC over a unix socket; and workers that make their results up.
//
// Thread-compatible.
class TestCluster {
 public:
  struct Options {
    std::string vfs = "";             // of the database
    std::string web_token_file = "";  // of the dashboard
    NotifyPlaces on_sweep_finish = {};
  };

  TestCluster() : TestCluster(Options()) {}
  explicit TestCluster(Options options);
  ~TestCluster();

  // Stops the coordinator in good order, or starts it again on the same database and socket.
  void StopCoordinator(absl::Duration grace = absl::ZeroDuration());
  void StartCoordinator();

  FakeWorker* AddWorker(FakeWorker::Options options);
  // As kill -9.
  void KillWorker(FakeWorker* worker);

  // Half a second at a time: connected workers that are not paused send a heartbeat every 5 s, and
  // what is due happens.
  void Advance(absl::Duration by);

  v1::SweepService::Stub* client() { return client_.get(); }
  Coordinator* coordinator() { return coordinator_.get(); }
  SimulatedClock* clock() { return &clock_; }
  const std::string& address() const { return address_; }
  const std::string& database() const { return database_; }
  const std::string& folder() const { return folder_.path(); }

  absl::StatusOr<v1::SubmitResponse> Submit(const std::string& spec,
                                            const std::string& request_id = "",
                                            bool extend = false);
  absl::StatusOr<v1::SweepStatus> Get(const std::string& name);
  absl::StatusOr<v1::SweepStatus> Cancel(const std::string& name);
  std::vector<v1::WorkerStatus> Workers();
  // As Submit, without waiting for the answer, which may never come.
  void SubmitWithoutAnswer(const std::string& spec);
  // What the health service says of the whole server.
  ServerHealth Health();
  // False if it does not say so within a minute.
  [[nodiscard]] bool AwaitHealth(ServerHealth wanted);
  // Watches the sweep to its end; DeadlineExceeded if it has none within a minute.
  absl::StatusOr<v1::SweepStatus> AwaitEnd(const std::string& name);
  // Watches the sweep until the condition holds.
  absl::StatusOr<v1::SweepStatus> AwaitStatus(
      const std::string& name, const std::function<bool(const v1::SweepStatus&)>& condition);

  // The only column of the only row of a query of the file; -1, and a test failure, if it fails.
  int64_t Count(const std::string& sql);
  // Whether every sweep's counters are what its cells and their trials say; an error names the
  // first that isn't. And that no trial has two results.
  absl::Status CheckBooks();

 private:
  const Options options_;
  SimulatedClock clock_;
  const TemporaryFolder folder_;
  std::string address_;
  std::string database_;
  std::unique_ptr<Coordinator> coordinator_;
  std::unique_ptr<v1::SweepService::Stub> client_;
  std::vector<std::unique_ptr<FakeWorker>> workers_;
  std::vector<std::thread> askers_;
  absl::Duration since_heartbeat_;
};

// A sweep file of `cells` cells that differ in their seed, in packs of `pack`.
std::string SpecOfSeeds(const std::string& name, int64_t cells, int64_t pack = 4);

}  // namespace firstguess
