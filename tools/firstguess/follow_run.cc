#include "tools/firstguess/follow_run.h"

#include "absl/strings/str_cat.h"
#include "tools/firstguess/sweep_watcher.h"

namespace firstguess {
namespace {

constexpr absl::Duration kWaitAtMost = absl::Milliseconds(250);
constexpr absl::Duration kWorkersCheckedEvery = absl::Seconds(1);

std::string SeeLog(const std::string& worker_log) {
  return absl::StrCat("What the workers said is in ", worker_log,
                      "; the same command tries again.");
}

// The failure that the workers' own list shows, if any.
std::optional<Failure> AskWorkers(const EmbeddedCluster& cluster, const std::string& worker_log) {
  const absl::StatusOr<v1::ListWorkersResponse> workers =
      cluster.client().Call(&SweepClient::Stub::ListWorkers, v1::ListWorkersRequest());
  if (!workers.ok()) return std::nullopt;
  const std::optional<std::string> reason = NoneCanWork(*workers, cluster.workers()->count());
  if (!reason.has_value()) return std::nullopt;
  return Failure{kExitFailed,
                 {},
                 absl::StrCat("no worker can train this sweep: ", *reason),
                 SeeLog(worker_log)};
}

}  // namespace

std::optional<std::string> NoneCanWork(const v1::ListWorkersResponse& workers, int expected) {
  int cannot = 0;
  std::string reason;
  for (const v1::WorkerStatus& worker : workers.workers()) {
    if (worker.state() == "lost") continue;
    if (worker.state() != "cannot work") return std::nullopt;
    ++cannot;
    reason = worker.reason();
  }
  if (cannot < expected) return std::nullopt;
  return reason;
}

RunEnd FollowRun(EmbeddedCluster* cluster, SweepNumbers numbers, const std::string& worker_log,
                 Progress* progress, Interrupt* interrupt, Context* context) {
  SweepWatcher watcher(&cluster->client(), numbers.name, [interrupt] { interrupt->Wake(); });
  RunEnd end;
  end.numbers = std::move(numbers);
  absl::Duration workers_checked = context->clock->MonotonicNow();
  while (!end.numbers.all_ended()) {
    if (interrupt->requested() || context->out->closed()) {
      end.interrupted = true;
      break;
    }
    if (const absl::Status fatal = cluster->fatal(); !fatal.ok()) {
      end.failure = Failure{kExitFailed,
                            {},
                            absl::StrCat("the database failed: ", fatal.message()),
                            "Look after the disk, then run the same command again."};
      break;
    }
    for (const std::string& event : cluster->workers()->Supervise()) progress->Note(event);
    if (cluster->workers()->all_given_up()) {
      end.failure = Failure{kExitFailed, {}, "every worker died too often.", SeeLog(worker_log)};
      break;
    }
    const absl::Duration now = context->clock->MonotonicNow();
    if (now - workers_checked >= kWorkersCheckedEvery) {
      workers_checked = now;
      end.failure = AskWorkers(*cluster, worker_log);
      if (end.failure.has_value()) break;
    }
    const SweepWatcher::View view = watcher.view();
    if (view.numbers.has_value()) {
      end.numbers = *view.numbers;
      progress->Update(end.numbers);
    }
    if (view.over && !end.numbers.all_ended()) {
      end.failure = ServiceFailure(view.error, cluster->client().address());
      break;
    }
    if (!end.numbers.all_ended()) interrupt->Wait(kWaitAtMost);
  }
  progress->Finish();
  return end;
}

}  // namespace firstguess
