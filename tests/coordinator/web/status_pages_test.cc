#include "coordinator/web/status_pages.h"

#include <map>

#include "gtest/gtest.h"

namespace firstguess {
namespace {

TEST(StatusPages, SayWhetherTheCoordinatorLivesAndIsReady) {
  absl::Status ready;
  std::map<std::string, std::function<HttpServer::Answer(const HttpServer::Request&)>> pages;
  for (const HttpServer::Page& page :
       StatusPages([] { return "firstguess_x 1\n"; }, [&] { return ready; })) {
    pages[page.path] = page.answer;
  }
  ASSERT_EQ(pages.size(), 3u);
  EXPECT_EQ(pages["/metrics"](HttpServer::Request()).body, "firstguess_x 1\n");
  EXPECT_EQ(pages["/metrics"](HttpServer::Request()).content_type,
            "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(pages["/readyz"](HttpServer::Request()).code, 200);
  ready = absl::UnavailableError("the disk is full");
  EXPECT_EQ(pages["/readyz"](HttpServer::Request()).code, 503);
  EXPECT_EQ(pages["/readyz"](HttpServer::Request()).body, "the disk is full\n");
  EXPECT_EQ(pages["/healthz"](HttpServer::Request()).code, 200);
}

}  // namespace
}  // namespace firstguess
