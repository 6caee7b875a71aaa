#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "coordinator/state/state.h"

namespace firstguess {

// The way out to one worker's stream. All methods may be called from any thread and do not block.
class Outlet {
 public:
  virtual ~Outlet() = default;

  virtual void Deliver(const ToWorker& message) = 0;
  // Acknowledges a result as INVALID.
  virtual void RejectResult(LeaseId lease, TrialId trial, absl::string_view why) = 0;
  // Ends the stream with this status.
  virtual void Close(absl::Status status) = 0;
};

// The streams that are open now, by worker process and connection. Thread-compatible.
class Outlets {
 public:
  // False, with nothing changed, if this very connection is there already.
  bool Add(const std::string& instance_id, int64_t epoch, std::shared_ptr<Outlet> outlet);
  // False if another stream, or none, is there under this name.
  bool Remove(const std::string& instance_id, int64_t epoch, const Outlet* outlet);

  // Null if it is gone.
  Outlet* Find(const std::string& instance_id, int64_t epoch) const;
  bool empty() const { return outlets_.empty(); }

  // A message for a stream that is gone is dropped: the worker's next heartbeat heals it.
  void Deliver(const ToWorker& message) const;

  struct Connection {
    std::string instance_id;
    int64_t epoch = 0;
    std::shared_ptr<Outlet> outlet;
  };
  std::vector<Connection> All() const;

 private:
  std::map<std::pair<std::string, int64_t>, std::shared_ptr<Outlet>> outlets_;
};

}  // namespace firstguess
