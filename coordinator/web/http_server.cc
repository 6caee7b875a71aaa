#include "coordinator/web/http_server.h"

#include <sys/socket.h>

#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "coordinator/web/connection_queue.h"

namespace firstguess {
namespace {

constexpr int kThreads = 2;
constexpr size_t kMostWaiting = 16;  // connections
constexpr std::chrono::seconds kTimeout(2);
constexpr size_t kMostRequestsOfConnection = 100;
constexpr size_t kLongestBody = 1024;  // of a request; none of ours has one

// A loopback address or "localhost", with or without a port: any other name in a request came
// through a name server that may belong to somebody else.
bool IsOwnHost(absl::string_view host) {
  if (host.empty()) return true;
  const size_t colon = host.rfind(':');
  const bool has_port = colon != absl::string_view::npos && !absl::EndsWith(host, "]");
  return ParseAddress(has_port ? host : absl::StrCat(host, ":80")).ok();
}

class LoopbackServer final : public HttpServer {
 public:
  LoopbackServer(Address address, std::vector<Page> pages)
      : address_(std::move(address)), pages_(std::move(pages)) {}

  ~LoopbackServer() override {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }

  absl::Status Listen();
  const std::string& address() const override { return shown_address_; }

 private:
  void SetLimits();
  void AddPages();

  Address address_;
  const std::vector<Page> pages_;
  std::string shown_address_;
  httplib::Server server_;
  std::thread thread_;
};

void LoopbackServer::SetLimits() {
  server_.new_task_queue = [] { return new ConnectionQueue(kThreads, kMostWaiting); };
  server_.set_read_timeout(kTimeout);
  server_.set_write_timeout(kTimeout);
  server_.set_keep_alive_timeout(kTimeout.count());
  server_.set_keep_alive_max_count(kMostRequestsOfConnection);
  server_.set_payload_max_length(kLongestBody);
  // Not the library's choice, which lets two programs share a port.
  server_.set_socket_options([](int socket) {
    const int on = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  });
}

void LoopbackServer::AddPages() {
  server_.set_default_headers({{"Cache-Control", "no-store"},
                               {"X-Content-Type-Options", "nosniff"},
                               {"Content-Security-Policy", "default-src 'none'"}});
  server_.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
    if (IsOwnHost(request.get_header_value("Host"))) {
      return httplib::Server::HandlerResponse::Unhandled;
    }
    response.status = 403;
    response.set_content("This server answers to 127.0.0.1, [::1] and localhost alone.\n",
                         "text/plain");
    return httplib::Server::HandlerResponse::Handled;
  });
  for (const Page& page : pages_) {
    server_.Get(page.path,
                [answer = page.answer](const httplib::Request&, httplib::Response& response) {
                  Answer answered = answer();
                  response.status = answered.code;
                  response.set_content(std::move(answered.body), answered.content_type.c_str());
                });
  }
}

absl::Status LoopbackServer::Listen() {
  if (address_.is_unix()) {
    return absl::InvalidArgumentError(
        absl::StrCat(address_.ToString(), " is no HTTP address: write HOST:PORT"));
  }
  SetLimits();
  AddPages();
  if (address_.port == 0) {
    address_.port = server_.bind_to_any_port(address_.host);
    if (address_.port < 0) {
      return absl::UnavailableError(absl::StrCat("no port is free at ", address_.host));
    }
  } else if (!server_.bind_to_port(address_.host, address_.port)) {
    return absl::UnavailableError(
        absl::StrCat(address_.ToString(), " is in use by another program"));
  }
  shown_address_ = address_.ToString();
  thread_ = std::thread([this] { server_.listen_after_bind(); });
  // One that is stopped before it runs would run for ever.
  while (!server_.is_running()) std::this_thread::yield();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const Address& address,
                                                              std::vector<Page> pages) {
  auto server = std::make_unique<LoopbackServer>(address, std::move(pages));
  if (absl::Status status = server->Listen(); !status.ok()) return status;
  return server;
}

}  // namespace firstguess
