#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/coordinator.h"
#include "tools/firstguess/client.h"
#include "tools/firstguess/local_workers.h"
#include "tools/firstguess/private_folder.h"

namespace firstguess {

// A coordinator inside this process, reached through a unix socket in a folder of this user alone,
// and worker processes beside it. Thread-bound, as LocalWorkers is.
class EmbeddedCluster {
 public:
  // Opens the database and listens; no worker yet. `clock` outlives it. Errors: those of
  // Coordinator::Start.
  static absl::StatusOr<std::unique_ptr<EmbeddedCluster>> Start(const std::string& database,
                                                                Clock* clock);
  // StopWorkers, then what they finished is committed and the database is closed.
  ~EmbeddedCluster();

  // `options.coordinator` is filled in. From here on this process logs to `options.log` too.
  absl::Status StartWorkers(LocalWorkers::Options options);

  // The workers hand back what they hold and end.
  void StopWorkers();
  // Of the time that trainers lived, the share in which they trained; nothing if there were none.
  // As of the workers' last heartbeats, so all of it once they were stopped.
  std::optional<double> TrainersBusyShare() const;

  const SweepClient& client() const { return *client_; }
  LocalWorkers* workers() const { return workers_.get(); }
  // Set once the database failed for good.
  absl::Status fatal() const { return coordinator_->fatal(); }

 private:
  explicit EmbeddedCluster(Clock* clock) : clock_(clock) {}

  Clock* const clock_;
  std::unique_ptr<PrivateFolder> folder_;
  std::unique_ptr<Coordinator> coordinator_;
  std::unique_ptr<SweepClient> client_;
  std::unique_ptr<LocalWorkers> workers_;
};

}  // namespace firstguess
