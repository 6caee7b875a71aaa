#include "tests/cluster/test_cluster.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/channel.h"
#include "common/rpc/protocol.h"
#include "common/rpc/status.h"
#include "coordinator/store/sqlite/user_query.h"
#include "gtest/gtest.h"

namespace firstguess {
namespace {

constexpr absl::Duration kClusterPatience = absl::Minutes(1);
constexpr absl::Duration kBetweenQuestions = absl::Milliseconds(5);

// Keeps the rows of a query.
class Rows final : public sqlite::QuerySink {
 public:
  void Columns(const std::vector<std::string>&) override {}
  bool Row(const std::vector<sqlite::QueryValue>& values) override {
    rows.push_back(values);
    return true;
  }
  std::vector<std::vector<sqlite::QueryValue>> rows;
};

// Sweeps whose counters are not what the cells joined to their trials say. Cells without a trial
// count as pending, in a cancelled sweep as cancelled.
constexpr char kWrongBooks[] = R"sql(
  WITH counted AS (
    SELECT s.sweep_id, s.name, s.state, s.cells, s.done, s.failed, s.cancelled, s.leased, s.diverged,
      COUNT(t.trial_id) AS seen,
      TOTAL(t.status = 'done') AS done_, TOTAL(t.status = 'failed') AS failed_,
      TOTAL(t.status = 'cancelled') AS cancelled_, TOTAL(t.status = 'leased') AS leased_,
      TOTAL(t.diverged_at_step IS NOT NULL) AS diverged_
    FROM sweep s
    LEFT JOIN cell c ON c.sweep_id = s.sweep_id AND c.dropped_in IS NULL
    LEFT JOIN trial t ON t.trial_id = c.trial_id
    GROUP BY s.sweep_id)
  SELECT name FROM counted
  WHERE done <> done_ OR failed <> failed_ OR leased <> leased_ OR diverged <> diverged_
    OR cancelled <> cancelled_ + IIF(state = 'cancelled', cells - seen, 0) OR seen > cells)sql";

constexpr char kWrongProgress[] = R"sql(
  SELECT COUNT(*) FROM progress WHERE cells <> done + failed + cancelled + leased + pending)sql";

// Trials that are done without a first snapshot, or not done with one.
constexpr char kWrongResults[] = R"sql(
  SELECT COUNT(*) FROM trial t
  WHERE (t.status = 'done') <> EXISTS (SELECT 1 FROM trial_class k WHERE k.trial_id = t.trial_id))sql";

// Trials with more than one successful attempt.
constexpr char kDoubleResults[] = R"sql(
  SELECT COUNT(*) FROM (
    SELECT trial_id FROM attempt WHERE outcome = 'finished' GROUP BY trial_id HAVING COUNT(*) > 1))sql";

}  // namespace

TestCluster::TestCluster(Options options) : options_(std::move(options)) {
  address_ = absl::StrCat("unix:", folder_.File("socket"));
  database_ = folder_.File("sweeps.db");
  client_ = v1::SweepService::NewStub(*MakeChannel(address_));
  StartCoordinator();
}

TestCluster::~TestCluster() {
  workers_.clear();
  StopCoordinator();
  for (std::thread& asker : askers_) asker.join();
}

void TestCluster::StopCoordinator(absl::Duration grace) {
  if (coordinator_ != nullptr) coordinator_->Shutdown(grace);
  coordinator_ = nullptr;
}

void TestCluster::StartCoordinator() {
  absl::StatusOr<std::unique_ptr<Coordinator>> coordinator =
      Coordinator::Start({.database = database_,
                          .listen = {address_},
                          .clock = &clock_,
                          .metrics = "127.0.0.1:0",
                          .web = "127.0.0.1:0",
                          .web_token_file = options_.web_token_file,
                          .on_sweep_finish = options_.on_sweep_finish,
                          .vfs = options_.vfs});
  ASSERT_TRUE(coordinator.ok()) << coordinator.status();
  coordinator_ = *std::move(coordinator);
}

FakeWorker* TestCluster::AddWorker(FakeWorker::Options options) {
  const std::string address = options.address.empty() ? address_ : options.address;
  workers_.push_back(std::make_unique<FakeWorker>(address, std::move(options)));
  EXPECT_TRUE(workers_.back()->Connect());
  return workers_.back().get();
}

void TestCluster::KillWorker(FakeWorker* worker) {
  std::erase_if(workers_, [&](const auto& one) { return one.get() == worker; });
}

void TestCluster::Advance(absl::Duration by) {
  constexpr absl::Duration kStep = absl::Milliseconds(500);
  for (absl::Duration done; done < by; done += kStep) {
    clock_.Advance(kStep);
    since_heartbeat_ += kStep;
    if (since_heartbeat_ >= kHeartbeatInterval) {
      since_heartbeat_ = absl::ZeroDuration();
      for (const auto& worker : workers_) {
        if (!worker->seen().connected || worker->paused()) continue;
        if (worker->reachable()) {
          EXPECT_TRUE(worker->Heartbeat());
        } else {
          worker->HeartbeatUnheard();
        }
      }
    }
    coordinator_->RunDue();
  }
}

absl::StatusOr<v1::SubmitResponse> TestCluster::Submit(const std::string& spec,
                                                       const std::string& request_id, bool extend) {
  grpc::ClientContext context;
  SetDeadline(context, kClusterPatience);
  v1::SubmitRequest request;
  request.set_spec(spec);
  request.set_spec_path("spec.yaml");
  request.set_request_id(request_id);
  request.set_extend(extend);
  v1::SubmitResponse response;
  const grpc::Status status = client_->Submit(&context, request, &response);
  if (!status.ok()) return FromGrpcStatus(status);
  return response;
}

absl::StatusOr<v1::SweepStatus> TestCluster::Get(const std::string& name) {
  grpc::ClientContext context;
  SetDeadline(context, kClusterPatience);
  v1::GetRequest request;
  request.set_name(name);
  v1::GetResponse response;
  const grpc::Status status = client_->Get(&context, request, &response);
  if (!status.ok()) return FromGrpcStatus(status);
  return response.sweep();
}

absl::StatusOr<v1::SweepStatus> TestCluster::Cancel(const std::string& name) {
  grpc::ClientContext context;
  SetDeadline(context, kClusterPatience);
  v1::CancelRequest request;
  request.set_name(name);
  v1::SweepStatus response;
  const grpc::Status status = client_->Cancel(&context, request, &response);
  if (!status.ok()) return FromGrpcStatus(status);
  return response;
}

void TestCluster::SubmitWithoutAnswer(const std::string& spec) {
  askers_.emplace_back([this, spec] { Submit(spec).IgnoreError(); });
}

ServerHealth TestCluster::Health() {
  const absl::StatusOr<ServerHealth> health = AskHealth(address_, kClusterPatience);
  EXPECT_TRUE(health.ok()) << health.status();
  return health.value_or(ServerHealth::kUnknown);
}

bool TestCluster::AwaitHealth(ServerHealth wanted) {
  const absl::Duration end = RealClock()->MonotonicNow() + kClusterPatience;
  while (Health() != wanted) {
    if (RealClock()->MonotonicNow() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

std::vector<v1::WorkerStatus> TestCluster::Workers() {
  grpc::ClientContext context;
  SetDeadline(context, kClusterPatience);
  v1::ListWorkersResponse response;
  const grpc::Status status = client_->ListWorkers(&context, {}, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return {response.workers().begin(), response.workers().end()};
}

absl::StatusOr<v1::SweepStatus> TestCluster::AwaitEnd(const std::string& name) {
  return AwaitStatus(name, [](const v1::SweepStatus& sweep) {
    return sweep.state() == "done" || sweep.state() == "cancelled";
  });
}

// Asks again and again: a watcher is told of a change only as time goes on, and here it stands
// still.
absl::StatusOr<v1::SweepStatus> TestCluster::AwaitStatus(
    const std::string& name, const std::function<bool(const v1::SweepStatus&)>& condition) {
  const absl::Duration end = RealClock()->MonotonicNow() + kClusterPatience;
  for (;;) {
    const absl::StatusOr<v1::SweepStatus> sweep = Get(name);
    if (!sweep.ok() || condition(*sweep)) return sweep;
    if (RealClock()->MonotonicNow() > end) {
      return absl::DeadlineExceededError(
          absl::StrCat("it did not come to that: ", sweep->ShortDebugString()));
    }
    absl::SleepFor(kBetweenQuestions);
  }
}

int64_t TestCluster::Count(const std::string& sql) {
  Rows rows;
  const absl::Status status = sqlite::RunUserQuery(database_, sql, {}, &rows);
  EXPECT_TRUE(status.ok()) << status << " in " << sql;
  if (!status.ok() || rows.rows.size() != 1 || rows.rows[0].size() != 1) return -1;
  const auto* count = std::get_if<int64_t>(&rows.rows[0][0]);
  return count != nullptr ? *count : -1;
}

absl::Status TestCluster::CheckBooks() {
  Rows wrong;
  absl::Status status = sqlite::RunUserQuery(database_, kWrongBooks, {}, &wrong);
  if (!status.ok()) return status;
  if (!wrong.rows.empty()) {
    return absl::InternalError(absl::StrCat("the counters of ", wrong.rows.size(),
                                            " sweeps are not what their cells say, first ",
                                            std::get<std::string>(wrong.rows[0][0])));
  }
  for (const char* sql : {kWrongProgress, kWrongResults, kDoubleResults}) {
    const int64_t count = Count(sql);
    if (count != 0) return absl::InternalError(absl::StrCat(count, " rows for ", sql));
  }
  return absl::OkStatus();
}

std::string SpecOfSeeds(const std::string& name, int64_t cells, int64_t pack) {
  return absl::StrCat("name: ", name, "\ndataset: fashion-mnist\n",
                      "train: {steps: 6}\nmeasure: {points: 2, probe_size: 100}\n",
                      "pack: {max_trials: ", pack, "}\n", "grid: {seed: {range: [0, ", cells - 1,
                      "]}}\n");
}

}  // namespace firstguess
