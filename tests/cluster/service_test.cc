// What people and their tools ask of a whole coordinator.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/rpc/channel.h"
#include "common/rpc/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/cluster/test_cluster.h"

namespace firstguess {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Minutes(1);

struct Answer {
  std::vector<std::string> columns;
  std::vector<v1::QueryRow> rows;
  absl::Status status;
};

Answer Query(TestCluster& cluster, const std::string& sql, int64_t max_rows = 0) {
  grpc::ClientContext context;
  SetDeadline(context, kPatience);
  v1::QueryRequest request;
  request.set_sql(sql);
  request.set_max_rows(max_rows);
  const auto reader = cluster.client()->Query(&context, request);
  Answer answer;
  v1::QueryResponse response;
  while (reader->Read(&response)) {
    if (answer.rows.empty()) {
      answer.columns.assign(response.columns().begin(), response.columns().end());
    }
    for (const v1::QueryRow& row : response.rows()) answer.rows.push_back(row);
  }
  answer.status = FromGrpcStatus(reader->Finish());
  return answer;
}

TEST(Service, ASubmitWithTheSameSpecIsAnsweredWithWhatExists) {
  TestCluster cluster;
  const auto first = cluster.Submit(SpecOfSeeds("s", 10), "request 1");
  const auto again = cluster.Submit(SpecOfSeeds("s", 10), "request 2");
  const auto resent = cluster.Submit(SpecOfSeeds("s", 10), "request 1");
  ASSERT_TRUE(first.ok() && again.ok() && resent.ok());
  EXPECT_FALSE(first->existed());
  EXPECT_TRUE(again->existed());
  EXPECT_FALSE(resent->existed());  // the first answer once more
  EXPECT_EQ(again->sweep().sweep_id(), first->sweep().sweep_id());
  EXPECT_EQ(cluster.Submit(SpecOfSeeds("s", 11)).status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM sweep"), 1);
}

TEST(Service, ASpecWithMistakesIsRefusedWithAllOfThemByTheirPlaces) {
  TestCluster cluster;
  const absl::Status status =
      cluster.Submit("name: s\ndataset: nonesuch\nsteps: 5\ngrid: 7\n").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  const std::vector<std::string> lines = absl::StrSplit(std::string(status.message()), '\n');
  EXPECT_GE(lines.size(), 3u);
  for (const std::string& line : lines) EXPECT_THAT(line, HasSubstr("spec.yaml:"));
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM sweep"), 0);
}

TEST(Service, APreviewCountsWhatIsKnownAndChangesNothing) {
  TestCluster cluster;
  cluster.AddWorker({.name = "w"});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 10)).ok());
  ASSERT_TRUE(cluster.AwaitEnd("s").ok());
  v1::PreviewRequest request;
  request.set_spec(SpecOfSeeds("t", 25));
  v1::PreviewResponse response;
  grpc::ClientContext context;
  SetDeadline(context, kPatience);
  ASSERT_TRUE(cluster.client()->Preview(&context, request, &response).ok());
  EXPECT_EQ(response.cells(), 25);
  EXPECT_EQ(response.trials_known(), 10);
  EXPECT_TRUE(response.known_is_exact());
  EXPECT_EQ(response.packs(), 7);
  EXPECT_GT(response.total_flops(), 0);
  EXPECT_GT(response.bytes(), 0);
  EXPECT_GT(response.seconds(), 0);  // the rate is known from the first sweep
  EXPECT_EQ(cluster.Count("SELECT COUNT(*) FROM sweep"), 1);
}

TEST(Service, ThePausedSweepRunsOnlyAfterItIsResumed) {
  TestCluster cluster;
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 4)).ok());
  v1::SweepStatus sweep;
  {
    grpc::ClientContext context;
    SetDeadline(context, kPatience);
    v1::PauseRequest request;
    request.set_name("s");
    ASSERT_TRUE(cluster.client()->Pause(&context, request, &sweep).ok());
  }
  EXPECT_EQ(sweep.state(), "paused");
  FakeWorker* const worker = cluster.AddWorker({.name = "w"});
  ASSERT_TRUE(worker->Heartbeat());
  EXPECT_EQ(worker->seen().grants, 0);
  {
    grpc::ClientContext context;
    SetDeadline(context, kPatience);
    v1::ResumeRequest request;
    request.set_name("s");
    ASSERT_TRUE(cluster.client()->Resume(&context, request, &sweep).ok());
  }
  EXPECT_EQ(sweep.state(), "running");
  EXPECT_EQ(cluster.AwaitEnd("s")->done(), 4);
}

TEST(Service, FailedTrialsRunAgainAfterARetry) {
  TestCluster cluster;
  FakeWorker* const broken = cluster.AddWorker(
      {.name = "broken", .fails = [](const TrialConfig&) { return v1::INVALID; }});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 4)).ok());
  EXPECT_EQ(cluster.AwaitEnd("s")->failed(), 4);
  cluster.KillWorker(broken);
  cluster.AddWorker({.name = "sound"});
  v1::RetryFailedRequest request;
  request.set_name("s");
  request.add_classes(v1::INVALID);
  v1::SweepStatus sweep;
  {
    grpc::ClientContext context;
    SetDeadline(context, kPatience);
    ASSERT_TRUE(cluster.client()->RetryFailed(&context, request, &sweep).ok());
  }
  EXPECT_EQ(cluster.AwaitEnd("s")->done(), 4);
  EXPECT_TRUE(cluster.CheckBooks().ok()) << cluster.CheckBooks();

  request.add_classes(v1::FAILURE_CLASS_UNSPECIFIED);
  grpc::ClientContext context;
  SetDeadline(context, kPatience);
  EXPECT_EQ(cluster.client()->RetryFailed(&context, request, &sweep).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST(Service, SweepsThatAreNotThereAreNotFoundByName) {
  TestCluster cluster;
  for (const absl::Status& status :
       {cluster.Get("nonesuch").status(), cluster.Cancel("nonesuch").status(),
        cluster.AwaitEnd("nonesuch").status()}) {
    EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
    EXPECT_THAT(std::string(status.message()), HasSubstr("nonesuch"));
  }
  v1::DrainWorkerRequest request;
  request.set_name("nobody");
  v1::DrainWorkerResponse response;
  grpc::ClientContext context;
  SetDeadline(context, kPatience);
  EXPECT_EQ(cluster.client()->DrainWorker(&context, request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST(Service, WorkersAreListedWithWhatTheyAreAndDid) {
  TestCluster cluster;
  cluster.AddWorker({.name = "w"});
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 6)).ok());
  ASSERT_TRUE(cluster.AwaitEnd("s").ok());
  cluster.Advance(absl::Seconds(3));
  const std::vector<v1::WorkerStatus> workers = cluster.Workers();
  ASSERT_EQ(workers.size(), 1u);
  EXPECT_EQ(workers[0].name(), "w");
  EXPECT_EQ(workers[0].state(), "connected");
  EXPECT_EQ(workers[0].device(), "cpu");
  EXPECT_EQ(workers[0].trials_done(), 6);
  EXPECT_EQ(workers[0].heartbeat_age_seconds(), 3);
}

TEST(Service, AQueryStreamsTypedRowsInOrder) {
  TestCluster cluster;
  const Answer answer =
      Query(cluster,
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) "
            "SELECT i AS number, i / 2.0 AS half, 'row ' || i AS words, NULL AS absent, x'00ff' "
            "AS bytes "
            "FROM n");
  ASSERT_TRUE(answer.status.ok()) << answer.status;
  EXPECT_THAT(answer.columns, ElementsAre("number", "half", "words", "absent", "bytes"));
  ASSERT_EQ(answer.rows.size(), 5000u);
  for (int i = 1; i <= 5000; ++i) {
    const v1::QueryRow& row = answer.rows[i - 1];
    ASSERT_EQ(row.values(0).integer(), i);
    ASSERT_EQ(row.values(1).real(), i / 2.0);
    ASSERT_EQ(row.values(2).text(), absl::StrCat("row ", i));
    ASSERT_EQ(row.values(3).value_case(), v1::QueryValue::VALUE_NOT_SET);
    ASSERT_EQ(row.values(4).blob(), std::string("\0\xff", 2));
  }
  EXPECT_THAT(Query(cluster, "SELECT 1 AS one WHERE 0").columns, ElementsAre("one"));
  EXPECT_EQ(Query(cluster, "SELECT 1 UNION ALL SELECT 2", 1).rows.size(), 1u);
}

TEST(Service, AQueryThatIsWrongOrWritesIsRefused) {
  TestCluster cluster;
  EXPECT_EQ(Query(cluster, "SELECT nonesuch FROM sweep").status.code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Query(cluster, "DELETE FROM sweep").status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Query(cluster, "SELECT 1", -1).status.code(), absl::StatusCode::kInvalidArgument);
}

TEST(Service, AWatchShowsTheSweepUntilItIsDone) {
  TestCluster cluster;
  ASSERT_TRUE(cluster.Submit(SpecOfSeeds("s", 40)).ok());
  grpc::ClientContext context;
  SetDeadline(context, kPatience);
  v1::WatchRequest request;
  request.set_name("s");
  const auto reader = cluster.client()->Watch(&context, request);
  v1::SweepStatus sweep;
  ASSERT_TRUE(reader->Read(&sweep));
  EXPECT_EQ(sweep.pending(), 40);
  cluster.AddWorker({.name = "w"});
  int64_t done = 0;
  while (reader->Read(&sweep)) {
    EXPECT_GE(sweep.done(), done);
    done = sweep.done();
    EXPECT_EQ(sweep.cells(),
              sweep.done() + sweep.failed() + sweep.cancelled() + sweep.leased() + sweep.pending());
  }
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(sweep.state(), "done");
  EXPECT_TRUE(sweep.has_finished_at());
}

}  // namespace
}  // namespace firstguess
