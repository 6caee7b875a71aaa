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
#include "common/log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "httplib.h"
#include "tests/cluster/raw_session.h"
#include "tests/cluster/test_cluster.h"
#include "tests/common/temporary_folder.h"
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
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("t", 30) + "data_seed: 1\n").ok());
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
  EXPECT_EQ(samples["firstguess_workers{state=\"lost\"}"], 2);
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

// A worker that was told goodbye, and is still there, keeps a coordinator from its end for a while.
TEST(Operator, ACoordinatorThatStopsSaysSoWhileItWaitsForWorkers) {
  TestCluster cluster;
  RawSession worker(cluster.address());
  worker.Send(HelloOf("w"));
  ASSERT_TRUE(worker.Await([](const v1::CoordinatorMessage& m) { return m.has_welcome(); }));
  std::thread stop([&] { cluster.coordinator()->Shutdown(absl::Minutes(1)); });
  EXPECT_TRUE(worker.Await([](const v1::CoordinatorMessage& m) { return m.has_goodbye(); }));
  EXPECT_EQ(cluster.Health(), ServerHealth::kNotServing);
  const auto [code, reason] = Page(cluster.coordinator(), "/readyz");
  EXPECT_EQ(code, 503);
  EXPECT_THAT(reason, HasSubstr("stopping"));
  EXPECT_EQ(Page(cluster.coordinator(), "/healthz").first, 200);
  worker.HalfClose();
  stop.join();
}

// Each event that an operator looks for is one line, with its ids.
TEST(Operator, TheLogTellsWhatHappenedOnceAndWithIds) {
  const TemporaryFolder folder;
  const std::string path = folder.File("log");
  ASSERT_TRUE(SetLogFile(path));
  {
    TestCluster cluster;
    FakeWorker* const worker = cluster.AddWorker(
        {.name = "node1", .instance_id = "i1", .fails = [](const TrialConfig& config) {
           return config.seed == 1 ? v1::INVALID : v1::FAILURE_CLASS_UNSPECIFIED;
         }});
    ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 2, 2)).ok());
    ASSERT_TRUE(cluster.AwaitEnd("s").ok());
    worker->Leave();
    // It never sends a heartbeat.
    RawSession silent(cluster.address());
    silent.Send(HelloOf("node2"));
    ASSERT_TRUE(cluster.Submit(SpecOfSeeds("t", 4, 4) + "data_seed: 1\n").ok());
    ASSERT_TRUE(silent.Await([](const v1::CoordinatorMessage& m) { return m.has_grant(); }));
    cluster.Advance(absl::Seconds(31));
    ASSERT_TRUE(
        cluster.AwaitStatus("t", [](const v1::SweepStatus& sweep) { return sweep.leased() == 0; })
            .ok());
    ASSERT_TRUE(cluster.Cancel("t").ok());
    RawSession wrong(cluster.address());
    wrong.Send(v1::WorkerMessage());
    wrong.AwaitEnd().IgnoreError();
  }
  std::string log;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    // Without its time.
    log += line.substr(line.find(' ') + 1) + "\n";
  }
  for (const char* once :
       {"INFO coordinator started version=",
        "INFO worker connected worker=node1 instance=i1 epoch=1",
        "INFO worker disconnected worker=node1 instance=i1 epoch=1 why=\"it left\"\n",
        "INFO sweep submitted sweep=s sweep_id=1 cells=2 priority=0\n",
        "ERROR trial failed trial=2 lease=1 worker=node1 class=invalid message=\"made to fail\"\n",
        "WARNING sweep is done sweep=s sweep_id=1 cells=2 done=1 failed=1 cancelled=0\n",
        "WARNING worker lost: nothing was heard of it worker=node2 instance=node2 leases=1\n",
        "WARNING lease expired lease=2 worker=node2 why=\"its worker fell silent\"\n",
        "INFO trials cancelled trials=4\n", "INFO sweep is cancelled sweep=t sweep_id=2\n",
        "WARNING worker's stream closed: malformed message peer=",
        "INFO coordinator stops grace=0\n"}) {
    const std::vector<absl::string_view> parts = absl::StrSplit(log, absl::string_view(once));
    EXPECT_EQ(parts.size(), 2u) << once << " in\n" << log;
  }
}

}  // namespace
}  // namespace firstguess
