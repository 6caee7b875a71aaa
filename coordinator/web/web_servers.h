#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/address.h"
#include "coordinator/service/engine.h"
#include "coordinator/store/store.h"
#include "coordinator/web/dashboard.h"
#include "coordinator/web/event_counters.h"
#include "coordinator/web/http_server.h"
#include "coordinator/web/latest_view.h"
#include "coordinator/web/metrics.h"

namespace firstguess {

// All that a coordinator serves over HTTP. Thread-safe.
class WebServers {
 public:
  struct Sources {
    const EventCounters* counters = nullptr;
    Engine* engine = nullptr;
    Store* store = nullptr;
    Clock* clock = nullptr;
    std::function<bool()> disk_full;
    std::function<absl::Status()> ready;
    std::string database;  // path
    std::string version;
    WebToken token;
  };

  // Status pages at `metrics`, the dashboard and status pages at `web`. The sources outlive it, and
  // are used until it ends. Errors: those of HttpServer::Start.
  static absl::StatusOr<std::unique_ptr<WebServers>> Start(const Sources& sources,
                                                           const std::optional<Address>& metrics,
                                                           const std::optional<Address>& web);

  // Where they listen, the port filled in; empty: nowhere.
  std::string metrics_address() const;
  std::string web_address() const;

 private:
  explicit WebServers(const Sources& sources);

  LatestView view_;
  Metrics metrics_;
  Dashboard dashboard_;
  // Last: they end first.
  std::unique_ptr<HttpServer> metrics_server_;
  std::unique_ptr<HttpServer> web_server_;
};

}  // namespace firstguess
