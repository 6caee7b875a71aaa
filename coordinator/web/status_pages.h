#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/web/http_server.h"

namespace firstguess {

// The pages for programs that look after a coordinator: /metrics for Prometheus, /healthz (200
// while this process lives) and /readyz (200 when work is granted and results are taken, else 503
// with the reason). The functions are called on the server's threads.
std::vector<HttpServer::Page> StatusPages(std::function<std::string()> metrics,
                                          std::function<absl::Status()> ready);

}  // namespace firstguess
