#include "common/notify/webhook.h"

#include <algorithm>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/mutex.h"
#include "common/notify/places.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "httplib.h"
#include "nlohmann/json.hpp"

namespace firstguess {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// A server on loopback that answers with the next of `codes`, the last one for ever.
class Receiver {
 public:
  explicit Receiver(std::vector<int> codes) : codes_(std::move(codes)) {
    server_.Post(".*", [this](const httplib::Request& request, httplib::Response& response) {
      MutexLock lock(&mutex_);
      requests_.push_back(request);
      response.status = codes_[std::min(requests_.size(), codes_.size()) - 1];
      response.set_header("Location", "/elsewhere");
    });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Receiver() {
    server_.stop();
    thread_.join();
  }

  std::string origin() const { return absl::StrCat("http://127.0.0.1:", port_); }
  std::vector<httplib::Request> requests() EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    return requests_;
  }

 private:
  const std::vector<int> codes_;
  httplib::Server server_;
  int port_ = 0;
  Mutex mutex_;
  std::vector<httplib::Request> requests_ GUARDED_BY(mutex_);
  std::thread thread_;
};

TEST(Webhook, TheBodyIsPostedAsJsonToThePath) {
  Receiver receiver({204});
  const auto webhook = Webhook::Parse(receiver.origin() + "/hooks/secret?room=1");
  ASSERT_TRUE(webhook.ok()) << webhook.status();
  EXPECT_EQ(webhook->Post("{\"a\":1}"), absl::OkStatus());
  ASSERT_EQ(receiver.requests().size(), 1);
  const httplib::Request request = receiver.requests()[0];
  EXPECT_EQ(request.path, "/hooks/secret");
  EXPECT_EQ(request.get_param_value("room"), "1");
  EXPECT_EQ(request.body, "{\"a\":1}");
  EXPECT_EQ(request.get_header_value("Content-Type"), "application/json");
}

TEST(Webhook, AnythingButSuccessIsAnErrorThatDoesNotTellThePath) {
  Receiver receiver({500, 302});
  const auto webhook = Webhook::Parse(receiver.origin() + "/secret");
  ASSERT_TRUE(webhook.ok()) << webhook.status();
  const absl::Status broken = webhook->Post("{}");
  EXPECT_THAT(broken.ToString(), AllOf(HasSubstr("answered 500"), Not(HasSubstr("secret"))));
  const absl::Status moved = webhook->Post("{}");
  EXPECT_THAT(moved.ToString(), HasSubstr("answered 302"));
  EXPECT_EQ(receiver.requests().size(), 2);
}

TEST(Webhook, AServerThatIsNotThereIsAnError) {
  std::string origin;
  { origin = Receiver({200}).origin(); }
  const auto webhook = Webhook::Parse(origin);
  ASSERT_TRUE(webhook.ok()) << webhook.status();
  EXPECT_THAT(webhook->Post("{}").ToString(), HasSubstr("does not answer"));
}

TEST(Webhook, WhatIsNoUrlIsRefused) {
  for (const char* url : {"", "example.org/x", "ftp://example.org/x", "http://", "https:///x",
                          "http://user:word@example.org/", "http://a b/", "http://a/\r\nX: y"}) {
    EXPECT_FALSE(Webhook::Parse(url).ok()) << url;
  }
  EXPECT_EQ(Webhook::Parse("https://example.org")->origin(), "https://example.org");
  EXPECT_EQ(Webhook::Parse("http://[::1]:80/x")->origin(), "http://[::1]:80");
}

TEST(Webhook, ItIsRetriedUntilTheServerTakesIt) {
  Receiver receiver({503, 503, 200});
  const auto notifiers =
      MakeNotifiers({.command = "", .webhook = receiver.origin() + "/ended"},
                    {.place = "", .first_delay = absl::Milliseconds(1)},
                    [](const EndedSweep&, const absl::Status& last) { ADD_FAILURE() << last; });
  ASSERT_TRUE(notifiers.ok()) << notifiers.status();
  ASSERT_EQ(notifiers->size(), 1);
  notifiers->front()->Tell({.name = "a", .state = "done", .cells = 3, .done = 3});
  while (!notifiers->front()->idle()) absl::SleepFor(absl::Milliseconds(1));
  ASSERT_EQ(receiver.requests().size(), 3);
  const auto told = nlohmann::json::parse(receiver.requests()[2].body);
  EXPECT_EQ(told["event"], "sweep_finished");
  EXPECT_EQ(told["sweep"], "a");
  EXPECT_EQ(told["state"], "done");
  EXPECT_EQ(told["done"], 3);
}

}  // namespace
}  // namespace firstguess
