// What the dashboard's pages get from a whole coordinator.
#include <sys/stat.h>

#include <regex>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "httplib.h"
#include "nlohmann/json.hpp"
#include "tests/cluster/test_cluster.h"
#include "tests/common/temporary_folder.h"

namespace firstguess {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kToken[] = "0123456789abcdef";

// Two losses, ten seeds; seed 3 fails.
constexpr char kSpec[] =
    "name: s\ndataset: fashion-mnist\ntrain: {steps: 10}\nmeasure: {points: 4, probe_size: 100}\n"
    "grid:\n  loss: [cross_entropy, blurry]\n  seed: {range: [0, 9]}\n";

FakeWorker::Options Worker() {
  return {.name = "north", .fails = [](const TrialConfig& config) {
            return config.seed == 3 ? v1::INVALID : v1::FAILURE_CLASS_UNSPECIFIED;
          }};
}

class DashboardTest : public ::testing::Test {
 protected:
  explicit DashboardTest(const TestCluster::Options& options = {}) : cluster_(options) {}

  httplib::Client Client() {
    return httplib::Client(absl::StrCat("http://", cluster_.coordinator()->web_address()));
  }

  // The code and the JSON of an answer; one that is pending is asked for again.
  std::pair<int, json> Get(const std::string& path) {
    for (;;) {
      const auto answer = Client().Get(path);
      if (!answer) return {0, {}};
      if (answer->status != 202) return {answer->status, json::parse(answer->body)};
      std::this_thread::yield();
    }
  }

  std::pair<int, json> Post(const std::string& path, const json& body,
                            const httplib::Headers& headers = {}) {
    const auto answer = Client().Post(path, headers, body.dump(), "application/json");
    if (!answer) return {0, {}};
    return {answer->status, json::parse(answer->body)};
  }

  void RunSweep() {
    cluster_.AddWorker(Worker());
    ASSERT_TRUE(cluster_.Submit(kSpec).ok());
    ASSERT_TRUE(cluster_.AwaitEnd("s").ok());
  }

  TestCluster cluster_;
};

TEST_F(DashboardTest, PagesHoldNoScriptOrStyleOfTheirOwnAndTheirPartsAreThere) {
  for (const char* path : {"/", "/sql"}) {
    const auto page = Client().Get(path);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->status, 200);
    EXPECT_EQ(page->get_header_value("Content-Type"), "text/html; charset=utf-8");
    EXPECT_THAT(page->get_header_value("Content-Security-Policy"),
                StartsWith("default-src 'none'; script-src 'self'"));
    EXPECT_FALSE(std::regex_search(page->body, std::regex("<script>|<style|style=|onclick=|://")));
    const std::regex part("(?:src|href)=\"(/[a-z.]+)\"");
    int parts = 0;
    for (std::sregex_iterator it(page->body.begin(), page->body.end(), part), end; it != end;
         ++it, ++parts) {
      EXPECT_EQ(Client().Get((*it)[1].str())->status, 200) << (*it)[1];
    }
    EXPECT_GE(parts, 4);
  }
  EXPECT_EQ(Client().Get("/healthz")->status, 200);
  EXPECT_EQ(Client().Get("/metrics")->status, 200);
}

TEST_F(DashboardTest, TheOverviewHasSweepsAndWorkers) {
  FakeWorker::Options options = Worker();
  options.hold = true;
  FakeWorker* const worker = cluster_.AddWorker(options);
  ASSERT_TRUE(cluster_.Submit(SpecOfSeeds("t", 20)).ok());
  ASSERT_TRUE(worker->Await([](const FakeWorker::Seen& seen) { return seen.TrialsHeld() == 8; }));
  const auto [code, overview] = Get("/api/overview");
  ASSERT_EQ(code, 200);
  EXPECT_EQ(overview["database"], cluster_.database());
  EXPECT_EQ(overview["may_change"], false);
  ASSERT_EQ(overview["sweeps"].size(), 1U);
  const json& sweep = overview["sweeps"][0];
  EXPECT_EQ(sweep["name"], "t");
  EXPECT_EQ(sweep["state"], "running");
  EXPECT_EQ(sweep["cells"], 20);
  EXPECT_EQ(sweep["leased"], 8);
  EXPECT_EQ(sweep["pending"], 12);
  EXPECT_EQ(sweep["remaining_seconds"], nullptr);
  ASSERT_EQ(overview["workers"].size(), 1U);
  EXPECT_EQ(overview["workers"][0]["name"], "north");
  EXPECT_EQ(overview["workers"][0]["state"], "connected");
  EXPECT_EQ(overview["workers"][0]["trials"], 8);
  EXPECT_EQ(overview["workers"][0]["leases"], 2);
}

TEST_F(DashboardTest, AnOverviewThatDidNotChangeIsNotSentAgain) {
  RunSweep();
  const auto first = Client().Get("/api/overview");
  ASSERT_TRUE(first);
  const httplib::Headers known = {{"If-None-Match", first->get_header_value("ETag")}};
  EXPECT_EQ(Client().Get("/api/overview", known)->status, 304);
  ASSERT_TRUE(cluster_.Submit(SpecOfSeeds("t", 20)).ok());
  EXPECT_EQ(Client().Get("/api/overview", known)->status, 200);
}

TEST_F(DashboardTest, CurvesAreOfTheSweepsFinishedTrialsSplitByLoss) {
  RunSweep();
  const auto [code, curves] = Get("/api/curves?sweep=s&of=mean_prob");
  ASSERT_EQ(code, 200) << curves;
  EXPECT_EQ(curves["by"], "loss");
  EXPECT_EQ(curves["axes"], json({"loss", "seed"}));
  EXPECT_EQ(curves["finished"], 18);
  ASSERT_EQ(curves["panels"].size(), 2U);
  EXPECT_THAT(curves["panels"][0]["value"].get<std::string>(), StartsWith("blurry{"));
  EXPECT_EQ(curves["panels"][0]["trials"], 9);
  const json& line = curves["panels"][0]["lines"][0];
  EXPECT_EQ(line["rank"], 0);
  EXPECT_EQ(line["steps"].size(), 5U);
  EXPECT_EQ(line["middle"].size(), 5U);

  EXPECT_EQ(Get("/api/curves?sweep=none&of=mean_prob").first, 404);
  EXPECT_EQ(Get("/api/curves?sweep=s&of=luck").first, 400);
  EXPECT_EQ(Get("/api/curves?sweep=s&of=accuracy&by=luck").first, 400);
}

TEST_F(DashboardTest, FailuresAreGroupedByClassAndMessage) {
  RunSweep();
  const auto [code, answer] = Get("/api/failures?sweep=s");
  ASSERT_EQ(code, 200);
  ASSERT_EQ(answer["failures"].size(), 1U);
  EXPECT_EQ(answer["failures"][0]["class"], "invalid");
  EXPECT_EQ(answer["failures"][0]["message"], "made to fail");
  EXPECT_EQ(answer["failures"][0]["trials"], 2);
  EXPECT_EQ(answer["failures"][0]["worker"], "north");
}

TEST_F(DashboardTest, AQueryMayOnlyRead) {
  RunSweep();
  const auto [code, answer] =
      Post("/api/query", {{"sql",
                           "SELECT status, count(*) AS n, 9007199254740993 AS big, NULL AS x,"
                           " 0.5 AS half FROM trial GROUP BY status ORDER BY status"}});
  ASSERT_EQ(code, 200) << answer;
  EXPECT_EQ(answer["columns"], json({"status", "n", "big", "x", "half"}));
  EXPECT_EQ(answer["rows"], json({{"done", 18, "9007199254740993", nullptr, 0.5},
                                  {"failed", 2, "9007199254740993", nullptr, 0.5}}));
  EXPECT_EQ(answer["has_more"], false);

  for (const char* sql : {"DELETE FROM trial", "DROP TABLE trial", "PRAGMA user_version = 9",
                          "ATTACH 'x.db' AS x", "VACUUM INTO 'x.db'"}) {
    EXPECT_EQ(Post("/api/query", {{"sql", sql}}).first, 403) << sql;
  }
  EXPECT_EQ(Post("/api/query", {{"sql", "SELECT 1; SELECT 2"}}).first, 400);
  EXPECT_EQ(Post("/api/query", {{"sql", "SELEKT 1"}}).first, 400);
  EXPECT_EQ(Post("/api/query", {{"sql", ""}}).first, 400);
  EXPECT_EQ(Client().Post("/api/query", "SELECT 1", "application/json")->status, 400);
  EXPECT_EQ(Client().Get("/api/query")->status, 404);
  EXPECT_EQ(cluster_.Count("SELECT count(*) FROM trial"), 20);
}

TEST_F(DashboardTest, OfALongAnswerThePageGetsWhatItCanShow) {
  const auto [code, answer] = Post(
      "/api/query",
      {{"sql", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"}});
  ASSERT_EQ(code, 200);
  EXPECT_EQ(answer["rows"].size(), 1000U);
  EXPECT_EQ(answer["has_more"], true);
}

TEST_F(DashboardTest, TheCookbooksQuestionsAreAnsweredWithTheirDefaultsOrWithValues) {
  RunSweep();
  const auto [code, book] = Get("/api/cookbook");
  ASSERT_EQ(code, 200);
  json failures;
  for (const json& recipe : book["cookbook"]) {
    if (recipe["name"] == "failures") failures = recipe;
  }
  ASSERT_EQ(failures["parameters"][0]["name"], "sweep");
  json question = {{"sql", failures["sql"]}, {"recipe", "failures"}};
  EXPECT_EQ(Post("/api/query", question).second["rows"].size(), 1U);
  question["values"] = {{"sweep", "no' OR 1=1 --"}};
  EXPECT_EQ(Post("/api/query", question).second["rows"].size(), 0U);
  question.erase("recipe");
  question.erase("values");
  EXPECT_EQ(Post("/api/query", question).first, 400);
}

TEST_F(DashboardTest, WithoutATokenFileNothingIsChanged) {
  ASSERT_TRUE(cluster_.Submit(SpecOfSeeds("t", 4)).ok());
  const auto [code, answer] = Post("/api/change", {{"sweep", "t"}, {"action", "cancel"}},
                                   {{"Authorization", absl::StrCat("Bearer ", kToken)}});
  EXPECT_EQ(code, 403);
  EXPECT_THAT(answer["error"].get<std::string>(), HasSubstr("--web-token-file"));
  EXPECT_EQ(cluster_.Get("t")->state(), "running");
}

// A folder with kToken in a file, which is there before the cluster that reads it.
class TokenFolder {
 protected:
  TokenFolder() { ::chmod(file_.c_str(), 0600); }
  const TemporaryFolder folder_;
  const std::string file_ = folder_.Write("token", absl::StrCat(kToken, "\n"));
};

class ChangingDashboardTest : private TokenFolder, public DashboardTest {
 protected:
  ChangingDashboardTest() : DashboardTest({.web_token_file = file_}) {}

  int Change(const std::string& action, const httplib::Headers& headers) {
    return Post("/api/change", {{"sweep", "t"}, {"action", action}}, headers).first;
  }
};

TEST_F(ChangingDashboardTest, WithTheTokenSweepsArePausedResumedAndCancelled) {
  const httplib::Headers token = {{"Authorization", absl::StrCat("Bearer ", kToken)}};
  ASSERT_TRUE(cluster_.Submit(SpecOfSeeds("t", 4)).ok());
  EXPECT_EQ(Get("/api/overview").second["may_change"], true);
  EXPECT_EQ(Change("pause", token), 200);
  EXPECT_EQ(cluster_.Get("t")->state(), "paused");
  EXPECT_EQ(Change("resume", token), 200);
  EXPECT_EQ(cluster_.Get("t")->state(), "running");
  EXPECT_EQ(Change("delete", token), 400);
  EXPECT_EQ(Change("cancel", token), 200);
  EXPECT_EQ(cluster_.Get("t")->state(), "cancelled");
  EXPECT_EQ(Post("/api/change", {{"sweep", "none"}, {"action", "pause"}}, token).first, 404);
}

TEST_F(ChangingDashboardTest, WithoutItOrFromAnotherSiteTheyAreNot) {
  ASSERT_TRUE(cluster_.Submit(SpecOfSeeds("t", 4)).ok());
  EXPECT_EQ(Change("cancel", {}), 401);
  EXPECT_EQ(Change("cancel", {{"Authorization", "Bearer 0123456789abcdeF"}}), 401);
  const std::string token = absl::StrCat("Bearer ", kToken);
  const auto elsewhere =
      Client().Post("/api/change", {{"Authorization", token}, {"Origin", "http://evil.example"}},
                    R"({"sweep": "t", "action": "cancel"})", "application/json");
  EXPECT_EQ(elsewhere->status, 403);
  const auto renamed =
      Client().Post("/api/change", {{"Authorization", token}, {"Host", "evil.example"}},
                    R"({"sweep": "t", "action": "cancel"})", "application/json");
  EXPECT_EQ(renamed->status, 403);
  EXPECT_EQ(cluster_.Get("t")->state(), "running");
}

}  // namespace
}  // namespace firstguess
