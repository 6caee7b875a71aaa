// What somebody sees who looks after a coordinator: its metrics, health and log.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "httplib.h"
#include "tests/cluster/test_cluster.h"
#include "tests/coordinator/store/fault_vfs.h"

namespace firstguess {
namespace {

using ::testing::HasSubstr;

// A page of the coordinator: its code and text.
std::pair<int, std::string> Page(Coordinator* coordinator, const std::string& path) {
  httplib::Client client(absl::StrCat("http://", coordinator->metrics_address()));
  const auto answer = client.Get(path);
  EXPECT_TRUE(answer) << path;
  return answer ? std::pair(answer->status, answer->body) : std::pair(0, std::string());
}

// Lines that are samples, by what stands before the value.
std::map<std::string, double> Samples(const std::string& text) {
  std::map<std::string, double> samples;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    if (absl::StartsWith(line, "#")) continue;
    const size_t space = line.rfind(' ');
    double value = -1;
    EXPECT_TRUE(absl::SimpleAtod(line.substr(space + 1), &value)) << line;
    EXPECT_TRUE(samples.emplace(line.substr(0, space), value).second) << line;
  }
  return samples;
}

TEST(Operator, MetricsCountWhatHappened) {
  TestCluster cluster;
  FakeWorker* const worker =
      cluster.AddWorker({.name = "w", .fails = [](const TrialConfig& config) {
                           return config.seed == 3 ? v1::INVALID : v1::FAILURE_CLASS_UNSPECIFIED;
                         }});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 10)).ok());
  ASSERT_TRUE(cluster.AwaitEnd("s").ok());
  ASSERT_TRUE(worker->AwaitAcknowledged());
  FakeWorker* const lost = cluster.AddWorker({.name = "lost", .hold = true});
  worker->Leave();
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("t", 30)).ok());
  ASSERT_TRUE(lost->Await([](const FakeWorker::Seen& seen) { return seen.TrialsHeld() == 8; }));
  cluster.KillWorker(lost);
  cluster.Advance(absl::Seconds(31));
  ASSERT_TRUE(
      cluster.AwaitStatus("t", [](const v1::SweepStatus& sweep) { return sweep.leased() == 0; })
          .ok());

  const auto [code, text] = Page(cluster.coordinator(), "/metrics");
  EXPECT_EQ(code, 200);
  std::map<std::string, double> samples = Samples(text);
  EXPECT_EQ(samples["firstguess_trials_ended_total{outcome=\"done\"}"], 9);
  EXPECT_EQ(samples["firstguess_trials_ended_total{outcome=\"failed\"}"], 1);
  EXPECT_EQ(samples["firstguess_trials_ended_total{outcome=\"cancelled\"}"], 0);
  EXPECT_EQ(samples["firstguess_failures_total{class=\"invalid\"}"], 1);
  EXPECT_EQ(samples["firstguess_results_total{answer=\"stored\"}"], 9);
  EXPECT_EQ(samples["firstguess_results_unacknowledged"], 0);
  EXPECT_EQ(samples["firstguess_leases_ended_total{outcome=\"expired\"}"], 2);
  EXPECT_EQ(samples["firstguess_sweeps{state=\"done\"}"], 1);
  EXPECT_EQ(samples["firstguess_sweeps{state=\"running\"}"], 1);
  EXPECT_EQ(samples["firstguess_workers{state=\"lost\"}"], 1);
  EXPECT_EQ(samples["firstguess_trials{status=\"pending\"}"], 30);
  EXPECT_EQ(samples["firstguess_sweep_trials{sweep=\"t\",status=\"pending\"}"], 30);
  EXPECT_EQ(samples.count("firstguess_sweep_trials{sweep=\"s\",status=\"done\"}"), 0u);
  EXPECT_EQ(samples["firstguess_disk_full"], 0);
  EXPECT_EQ(samples["firstguess_database_bytes"],
            static_cast<double>(std::filesystem::file_size(cluster.database())));
  // The granted leases are the table's.
  EXPECT_EQ(samples["firstguess_leases_granted_total"],
            static_cast<double>(cluster.Count("SELECT count(*) FROM lease")));
  EXPECT_EQ(samples["firstguess_commits_total"], samples["firstguess_commit_seconds_count"]);
  EXPECT_EQ(samples["firstguess_commit_results_sum"], 9);
  EXPECT_GT(samples["process_resident_memory_bytes"], 1e6);
  EXPECT_GT(samples["process_cpu_seconds_total"], 0);
}

// The table in coordinator/web/README.md names exactly what the page has: name, type and labels.
TEST(Operator, EveryMetricIsInTheTableAndNoOther) {
  std::map<std::string, std::string> documented;  // name -> "type labels"
  std::ifstream readme(FIRSTGUESS_METRICS_TABLE);
  ASSERT_TRUE(readme.is_open());
  for (std::string line; std::getline(readme, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (cells.size() < 5 || !absl::StartsWith(cells[1], " `")) continue;
    const std::string name(absl::StripPrefix(absl::StripSuffix(cells[1], "` "), " `"));
    if (absl::StartsWith(name, "/")) continue;  // the table of pages
    documented[name] = absl::StrCat(absl::StripAsciiWhitespace(cells[2]), " ",
                                    absl::StripAsciiWhitespace(cells[3]));
  }

  TestCluster cluster;
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 10)).ok());
  const std::string text = Page(cluster.coordinator(), "/metrics").second;
  std::map<std::string, std::string> types;
  std::map<std::string, std::set<std::string>> labels;
  std::vector<std::string> names;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> words = absl::StrSplit(line, absl::MaxSplits(' ', 3));
    if (words[0] == "#" && words[1] == "TYPE") {
      names.push_back(words[2]);
      types[words[2]] = words[3];
    }
    if (words[0] == "#") continue;
    // Samples follow the family's TYPE line.
    const size_t brace = line.find('{');
    if (brace == absl::string_view::npos) continue;
    const absl::string_view inside = line.substr(brace + 1, line.rfind('}') - brace - 1);
    for (const absl::string_view label : absl::StrSplit(inside, ',')) {
      labels[names.back()].insert(std::string(label.substr(0, label.find('='))));
    }
  }
  std::map<std::string, std::string> served;
  for (const std::string& name : names) {
    // In the table's order, which is the page's.
    std::vector<std::string> of_name(labels[name].begin(), labels[name].end());
    std::sort(of_name.rbegin(), of_name.rend());
    served[name] = absl::StrCat(types[name], " ", absl::StrJoin(of_name, ", "));
    EXPECT_TRUE(types[name] != "counter" || absl::EndsWith(name, "_total")) << name;
    EXPECT_EQ(absl::StrContains(text, absl::StrCat("# HELP ", name, " ")), true) << name;
  }
  EXPECT_EQ(served, documented);
}

TEST(Operator, HealthOverHttpAndGrpcFollowsAFullDiskAndItsEnd) {
  FaultVfs vfs;
  TestCluster cluster({.vfs = vfs.name()});
  EXPECT_EQ(cluster.Health(), ServerHealth::kServing);
  EXPECT_EQ(Page(cluster.coordinator(), "/readyz").first, 200);

  vfs.FailFrom(1, FaultVfs::Fault::kFull);
  FakeWorker* const worker = cluster.AddWorker({.name = "w"});
  cluster.SubmitWithoutAnswer(SpecOfSeeds("s", 4));
  ASSERT_TRUE(cluster.AwaitHealth(ServerHealth::kNotServing));
  const auto [code, reason] = Page(cluster.coordinator(), "/readyz");
  EXPECT_EQ(code, 503);
  EXPECT_THAT(reason, HasSubstr("disk"));
  EXPECT_EQ(Page(cluster.coordinator(), "/healthz").first, 200);
  EXPECT_EQ(Samples(Page(cluster.coordinator(), "/metrics").second)["firstguess_disk_full"], 1);
  EXPECT_EQ(worker->seen().grants, 0);

  vfs.Repair();
  cluster.Advance(absl::Seconds(6));
  ASSERT_TRUE(cluster.AwaitHealth(ServerHealth::kServing));
  EXPECT_EQ(Page(cluster.coordinator(), "/readyz").first, 200);
  const absl::StatusOr<v1::SweepStatus> end = cluster.AwaitEnd("s");
  ASSERT_TRUE(end.ok()) << end.status();
  EXPECT_EQ(end->done(), 4);
}

TEST(Operator, ACoordinatorThatStopsSaysSoWhileItWaitsForResults) {
  TestCluster cluster;
  FakeWorker* const worker = cluster.AddWorker({.name = "w", .hold = true});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 4)).ok());
  ASSERT_TRUE(worker->Await([](const FakeWorker::Seen& seen) { return seen.TrialsHeld() == 4; }));
  std::thread stop([&] { cluster.coordinator()->Shutdown(absl::Minutes(1)); });
  EXPECT_TRUE(cluster.AwaitHealth(ServerHealth::kNotServing));
  const auto [code, reason] = Page(cluster.coordinator(), "/readyz");
  EXPECT_EQ(code, 503);
  EXPECT_THAT(reason, HasSubstr("stopping"));
  EXPECT_EQ(Page(cluster.coordinator(), "/healthz").first, 200);
  worker->Release();
  stop.join();
  EXPECT_EQ(cluster.Count("SELECT done FROM sweep"), 4);
}

}  // namespace
}  // namespace firstguess
