#include "tools/firstguess/embedded_cluster.h"

#include "absl/strings/str_cat.h"
#include "common/log.h"

namespace firstguess {
namespace {

constexpr absl::Duration kWorkersGrace = absl::Seconds(10);
constexpr absl::Duration kCoordinatorGrace = absl::Seconds(2);

}  // namespace

absl::StatusOr<std::unique_ptr<EmbeddedCluster>> EmbeddedCluster::Start(const std::string& database,
                                                                        Clock* clock) {
  // The terminal is for the person: what the coordinator logs goes to a file once there is one.
  SetLogLevel(LogLevel::kError);
  std::unique_ptr<EmbeddedCluster> cluster(new EmbeddedCluster(clock));
  absl::StatusOr<std::unique_ptr<PrivateFolder>> folder = PrivateFolder::Create();
  if (!folder.ok()) return folder.status();
  cluster->folder_ = *std::move(folder);

  Coordinator::Options options;
  options.database = database;
  options.listen = {absl::StrCat("unix:", cluster->folder_->Path("socket"))};
  options.clock = clock;
  options.security.audit = false;  // there is nobody else
  absl::StatusOr<std::unique_ptr<Coordinator>> coordinator = Coordinator::Start(options);
  if (!coordinator.ok()) return coordinator.status();
  cluster->coordinator_ = *std::move(coordinator);

  absl::StatusOr<std::unique_ptr<SweepClient>> client =
      SweepClient::Make(cluster->coordinator_->addresses().front());
  if (!client.ok()) return client.status();
  cluster->client_ = *std::move(client);
  return cluster;
}

EmbeddedCluster::~EmbeddedCluster() {
  StopWorkers();
  client_.reset();
  if (coordinator_ != nullptr) coordinator_->Shutdown(kCoordinatorGrace);
}

absl::Status EmbeddedCluster::StartWorkers(LocalWorkers::Options options) {
  options.coordinator = client_->address();
  if (SetLogFile(options.log)) SetLogLevel(LogLevel::kInfo);
  absl::StatusOr<std::unique_ptr<LocalWorkers>> workers =
      LocalWorkers::Start(std::move(options), clock_);
  if (!workers.ok()) return workers.status();
  workers_ = *std::move(workers);
  return absl::OkStatus();
}

void EmbeddedCluster::StopWorkers() {
  if (workers_ != nullptr) workers_->Stop(kWorkersGrace);
}

std::optional<double> EmbeddedCluster::TrainersBusyShare() const {
  const absl::StatusOr<v1::ListWorkersResponse> workers =
      client_->Call(&SweepClient::Stub::ListWorkers, v1::ListWorkersRequest());
  if (!workers.ok()) return std::nullopt;
  double seconds = 0;
  double busy_seconds = 0;
  for (const v1::WorkerStatus& worker : workers->workers()) {
    seconds += worker.trainer_seconds();
    busy_seconds += worker.trainer_busy_seconds();
  }
  if (seconds <= 0) return std::nullopt;
  return busy_seconds / seconds;
}

}  // namespace firstguess
