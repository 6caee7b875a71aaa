#include "coordinator/web/http_server.h"

#include <sys/socket.h>

#include <chrono>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/hash.h"
#include "coordinator/web/connection_queue.h"
#include "coordinator/web/own_host.h"

namespace firstguess {
namespace {

// A few slow answers (queries) leave room for quick ones.
constexpr int kThreads = 8;
constexpr size_t kMostWaiting = 32;  // connections
constexpr std::chrono::seconds kTimeout(2);
// A browser keeps connections open that it does not use; each would keep a thread.
constexpr size_t kMostRequestsOfConnection = 1;
constexpr size_t kLongestBody = 64 << 10;  // of a request
constexpr size_t kTagLength = 32;

// A page loads what this server has, and nothing else; no script or style stands in its text.
constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

HttpServer::Answer Refusal(int code, absl::string_view words) {
  return {.code = code, .body = absl::StrCat(words, "\n")};
}

HttpServer::Request ToRequest(const httplib::Request& from) {
  HttpServer::Request request;
  for (const auto& [name, value] : from.params) request.parameters[name] = value;
  request.authorization = from.get_header_value("Authorization");
  request.body = from.body;
  return request;
}

// An answer that the client has already, as it says, is not sent again.
void Send(HttpServer::Answer answer, const httplib::Request& request, httplib::Response& response) {
  response.status = answer.code;
  response.set_header("Date", absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", RealClock()->WallNow(),
                                               absl::UTCTimeZone()));
  response.set_header("Cache-Control", answer.may_be_kept ? "no-cache" : "no-store");
  if (answer.code == 200 && request.method == "GET") {
    const std::string tag = absl::StrCat("\"", Sha256Hex(answer.body).substr(0, kTagLength), "\"");
    response.set_header("ETag", tag);
    if (request.get_header_value("If-None-Match") == tag) {
      response.status = 304;
      return;
    }
  }
  response.set_content(std::move(answer.body), answer.content_type.c_str());
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
  server_.set_default_headers({{"X-Content-Type-Options", "nosniff"},
                               {"Referrer-Policy", "no-referrer"},
                               {"Cross-Origin-Opener-Policy", "same-origin"},
                               {"Cross-Origin-Resource-Policy", "same-origin"},
                               {"Content-Security-Policy", kPolicy}});
  server_.set_pre_routing_handler([](const httplib::Request& request, httplib::Response& response) {
    const std::string host = request.get_header_value("Host");
    absl::string_view why;
    if (!IsOwnHost(host)) why = "This server answers to 127.0.0.1, [::1] and localhost alone.";
    if (!IsOwnOrigin(request.get_header_value("Origin"), host)) {
      why = "This server answers to its own pages alone.";
    }
    if (why.empty()) return httplib::Server::HandlerResponse::Unhandled;
    Send(Refusal(403, why), request, response);
    return httplib::Server::HandlerResponse::Handled;
  });
  for (const Page& page : pages_) {
    if (page.is_post) {
      server_.Post(
          page.path, [&page](const httplib::Request& request, httplib::Response& response) {
            // Another site's page can't send this type unasked.
            if (!absl::StartsWith(request.get_header_value("Content-Type"), "application/json")) {
              return Send(Refusal(415, "Send application/json."), request, response);
            }
            Send(page.answer(ToRequest(request)), request, response);
          });
    } else {
      server_.Get(page.path, [&page](const httplib::Request& request, httplib::Response& response) {
        Send(page.answer(ToRequest(request)), request, response);
      });
    }
  }
}

absl::Status LoopbackServer::Listen() {
  if (address_.is_unix()) {
    return absl::InvalidArgumentError(
        absl::StrCat(address_.ToString(), " is no HTTP address: write HOST:PORT"));
  }
  if (!IsLoopback(address_.host)) {
    return absl::InvalidArgumentError(
        absl::StrCat(address_.ToString(), " is not an address of this machine alone: pages are ",
                     "served at 127.0.0.1 or [::1] (an ssh tunnel reaches them from elsewhere)"));
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
