#include "coordinator/web/web_servers.h"

#include <utility>
#include <vector>

#include "coordinator/web/status_pages.h"

namespace firstguess {

WebServers::WebServers(const Sources& sources)
    : view_(sources.engine),
      metrics_({.counters = sources.counters,
                .engine = sources.engine,
                .view = &view_,
                .store = sources.store,
                .disk_full = sources.disk_full,
                .version = sources.version}),
      dashboard_({.engine = sources.engine,
                  .view = &view_,
                  .store = sources.store,
                  .clock = sources.clock,
                  .disk_full = sources.disk_full,
                  .database = sources.database,
                  .version = sources.version,
                  .token = sources.token}) {}

absl::StatusOr<std::unique_ptr<WebServers>> WebServers::Start(const Sources& sources,
                                                              const std::optional<Address>& metrics,
                                                              const std::optional<Address>& web) {
  std::unique_ptr<WebServers> servers(new WebServers(sources));
  const std::vector<HttpServer::Page> status_pages =
      StatusPages([of = &servers->metrics_] { return of->Text(); }, sources.ready);
  if (metrics.has_value()) {
    auto server = HttpServer::Start(*metrics, status_pages);
    if (!server.ok()) return server.status();
    servers->metrics_server_ = *std::move(server);
  }
  if (web.has_value()) {
    std::vector<HttpServer::Page> pages = servers->dashboard_.Pages();
    pages.insert(pages.end(), status_pages.begin(), status_pages.end());
    auto server = HttpServer::Start(*web, std::move(pages));
    if (!server.ok()) return server.status();
    servers->web_server_ = *std::move(server);
  }
  return servers;
}

std::string WebServers::metrics_address() const {
  return metrics_server_ == nullptr ? "" : metrics_server_->address();
}

std::string WebServers::web_address() const {
  return web_server_ == nullptr ? "" : web_server_->address();
}

}  // namespace firstguess
