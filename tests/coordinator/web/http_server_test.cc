#include "coordinator/web/http_server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "httplib.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class HttpServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = HttpServer::Start(
        *ParseAddress("127.0.0.1:0"),
        {{"/page", [](const HttpServer::Request&) { return HttpServer::Answer{.body = "text\n"}; }},
         {"/part",
          [](const HttpServer::Request&) {
            return HttpServer::Answer{.body = "part\n", .may_be_kept = true};
          }},
         {"/broken",
          [](const HttpServer::Request&) {
            return HttpServer::Answer{.code = 503, .body = "why\n"};
          }},
         {"/say",
          [](const HttpServer::Request& request) {
            return HttpServer::Answer{.body = request.authorization + request.body +
                                              request.parameters.at("a")};
          },
          true}});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  int port() const { return ParseAddress(server_->address())->port; }
  httplib::Client Client() const { return httplib::Client("127.0.0.1", port()); }

  // What the server says to these bytes until it closes the connection.
  std::string Say(const std::string& bytes) const {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_port = htons(static_cast<uint16_t>(port()));
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(descriptor, reinterpret_cast<sockaddr*>(&name), sizeof(name)), 0);
    EXPECT_EQ(::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    std::string answer;
    char buffer[4096];
    for (ssize_t n = 0; (n = ::recv(descriptor, buffer, sizeof(buffer), 0)) > 0;) {
      answer.append(buffer, static_cast<size_t>(n));
    }
    ::close(descriptor);
    return answer;
  }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, APageIsAnsweredWithItsTextAndCode) {
  httplib::Client client = Client();
  const auto page = client.Get("/page");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, 200);
  EXPECT_EQ(page->body, "text\n");
  EXPECT_THAT(page->get_header_value("Content-Type"), StartsWith("text/plain"));
  EXPECT_EQ(page->get_header_value("Cache-Control"), "no-store");
  const auto broken = client.Get("/broken");
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->status, 503);
  EXPECT_EQ(broken->body, "why\n");
}

TEST_F(HttpServerTest, OtherPathsAndMethodsAreNotFound) {
  httplib::Client client = Client();
  EXPECT_EQ(client.Get("/other")->status, 404);
  EXPECT_EQ(client.Get("/page/../../etc/passwd")->status, 404);
  EXPECT_EQ(client.Post("/page", "", "text/plain")->status, 404);
  EXPECT_EQ(client.Delete("/page")->status, 404);
}

TEST_F(HttpServerTest, WhatTheClientHasIsNotSentAgain) {
  httplib::Client client = Client();
  const auto first = client.Get("/part");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->get_header_value("Cache-Control"), "no-cache");
  const auto again = client.Get("/part", {{"If-None-Match", first->get_header_value("ETag")}});
  EXPECT_EQ(again->status, 304);
  EXPECT_EQ(again->body, "");
  EXPECT_EQ(client.Get("/page", {{"If-None-Match", first->get_header_value("ETag")}})->status, 200);
}

TEST_F(HttpServerTest, PagesMayLoadNothingFromElsewhere) {
  const auto page = Client().Get("/page");
  ASSERT_TRUE(page);
  const std::string policy = page->get_header_value("Content-Security-Policy");
  EXPECT_THAT(policy, StartsWith("default-src 'none'; script-src 'self'; "));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_EQ(page->get_header_value("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(page->get_header_value("Referrer-Policy"), "no-referrer");
}

TEST_F(HttpServerTest, APostIsAnsweredToItsOwnPagesAndPrograms) {
  httplib::Client client = Client();
  const std::string own = "http://" + server_->address();
  const auto said = client.Post("/say?a=b", {{"Origin", own}, {"Authorization", "Bearer x"}}, "{}",
                                "application/json");
  ASSERT_TRUE(said);
  EXPECT_EQ(said->body, "Bearer x{}b");
  EXPECT_EQ(client.Post("/say?a=b", "{}", "application/json")->status, 200);
  EXPECT_EQ(client.Get("/say?a=b")->status, 404);
  // What another site's page can have a browser send.
  EXPECT_EQ(client.Post("/say?a=b", "{}", "text/plain")->status, 415);
  EXPECT_EQ(client.Post("/say?a=b", {{"Origin", "http://evil.example"}}, "{}", "application/json")
                ->status,
            403);
  EXPECT_EQ(client.Post("/say?a=b", {{"Origin", "null"}}, "{}", "application/json")->status, 403);
}

TEST_F(HttpServerTest, ABodyOverTheLimitIsRefused) {
  EXPECT_EQ(Client().Post("/page", std::string((64 << 10) + 1, 'x'), "text/plain")->status, 413);
  // Said to be large, and never sent.
  EXPECT_THAT(
      Say("POST /page HTTP/1.1\r\nConnection: close\r\nContent-Length: 99999999999\r\n\r\n"),
      StartsWith("HTTP/1.1 413"));
}

TEST_F(HttpServerTest, AnEndlessHeaderIsRefused) {
  EXPECT_THAT(Say("GET /" + std::string(10'000, 'x') + " HTTP/1.1\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 414"));
  EXPECT_THAT(
      Say("GET /page HTTP/1.1\r\nConnection: close\r\nX: " + std::string(10'000, 'x') + "\r\n\r\n"),
      StartsWith("HTTP/1.1 400"));
}

TEST_F(HttpServerTest, AClientThatSaysNothingIsCutOffAndOthersAreServed) {
  std::thread silent([this] { EXPECT_THAT(Say(""), IsEmpty()); });
  std::thread slow([this] { Say("GET /page HTTP/1.1\r\n"); });
  EXPECT_EQ(Client().Get("/page")->body, "text\n");
  silent.join();
  slow.join();
}

TEST_F(HttpServerTest, OnlyTheNamesOfThisMachineAreAnsweredTo) {
  httplib::Client client = Client();
  for (const char* host : {"localhost", "127.0.0.1", "127.0.0.1:7172", "[::1]:80", "[::1]"}) {
    EXPECT_EQ(client.Get("/page", {{"Host", host}})->status, 200) << host;
  }
  for (const char* host :
       {"evil.example", "evil.example:7172", "10.0.0.1", "localhost.evil.example", "[::1",
        "127.0.0.1.evil.example", "127.0.0.1@evil.example"}) {
    EXPECT_EQ(client.Get("/page", {{"Host", host}})->status, 403) << host;
  }
}

TEST_F(HttpServerTest, APortInUseIsNamed) {
  const auto second = HttpServer::Start(*ParseAddress(server_->address()), {});
  EXPECT_EQ(second.status(),
            absl::UnavailableError(server_->address() + " is in use by another program"));
}

TEST_F(HttpServerTest, AnAddressThatOtherMachinesReachIsRefused) {
  const auto server = HttpServer::Start({.host = "0.0.0.0", .port = 0, .path = ""}, {});
  EXPECT_EQ(server.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(server.status().message()), HasSubstr("ssh tunnel"));
}

TEST_F(HttpServerTest, AUnixSocketIsRefused) {
  const auto server = HttpServer::Start(*ParseAddress("unix:/tmp/s"), {});
  EXPECT_EQ(server.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(server.status().message()), HasSubstr("HOST:PORT"));
}

}  // namespace
}  // namespace firstguess
