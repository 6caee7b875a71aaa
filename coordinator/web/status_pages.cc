#include "coordinator/web/status_pages.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace firstguess {

std::vector<HttpServer::Page> StatusPages(std::function<std::string()> metrics,
                                          std::function<absl::Status()> ready) {
  return {{"/metrics",
           [metrics = std::move(metrics)](const HttpServer::Request&) {
             return HttpServer::Answer{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                                       .body = metrics()};
           }},
          {"/healthz",
           [](const HttpServer::Request&) { return HttpServer::Answer{.body = "alive\n"}; }},
          {"/readyz", [ready = std::move(ready)](const HttpServer::Request&) {
             const absl::Status status = ready();
             if (status.ok()) return HttpServer::Answer{.body = "ready\n"};
             return HttpServer::Answer{.code = 503, .body = absl::StrCat(status.message(), "\n")};
           }}};
}

}  // namespace firstguess
