#include "tools/firstguess/follow_run.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/firstguess/missing_dataset.h"
#include "tools/firstguess/shell_word.h"
#include "tools/firstguess/stalled.h"
#include "tools/firstguess/sweep_watcher.h"

namespace firstguess {
namespace {

constexpr absl::Duration kWaitAtMost = absl::Milliseconds(250);
constexpr absl::Duration kWorkersCheckedEvery = absl::Seconds(1);

std::string SeeLog(const std::string& worker_log) {
  return absl::StrCat("What the workers said is in ", worker_log,
                      "; the same command tries again.");
}

// What to do about a reason for which none of `workers` workers can train.
std::string WhatToDo(const std::string& reason, int workers, const FollowOptions& options) {
  if (workers > 1 && absl::StrContains(reason, " of memory")) {
    return absl::StrCat(
        "The ", workers,
        " workers share this machine's memory; with --workers 1 one has all of it.");
  }
  const std::string dataset = HowToGetMissingDataset(reason, options.data_folder);
  return absl::StrCat(dataset, dataset.empty() ? "" : " ", SeeLog(options.worker_log));
}

// What the workers' own list shows.
std::optional<Failure> LookForStall(const EmbeddedCluster& cluster, const SweepNumbers& numbers,
                                    const FollowOptions& options, absl::Duration now,
                                    StallDetector* detector) {
  const absl::StatusOr<v1::ListWorkersResponse> workers =
      cluster.client().Call(&SweepClient::Stub::ListWorkers, v1::ListWorkersRequest());
  if (!workers.ok()) return std::nullopt;
  const std::optional<std::string> reason = detector->Look(*workers, numbers, now);
  if (!reason.has_value()) return std::nullopt;
  return Failure{kExitFailed,
                 {},
                 absl::StrCat("no worker can train this sweep: ", *reason, "."),
                 WhatToDo(*reason, cluster.workers()->count(), options)};
}

// A sweep is paused by the coordinator when more trials failed than its file allows.
Failure Paused(const SweepNumbers& numbers, const std::string& database) {
  return {
      kExitTrialsFailed,
      {},
      absl::StrCat("the sweep was stopped (", numbers.waiting_reason, "): ", InWords(numbers), "."),
      absl::StrCat("The same command goes on in spite of them; why they failed: firstguess show ",
                   ShellWord(numbers.name), " --db ", ShellPath(database))};
}

}  // namespace

RunEnd FollowRun(EmbeddedCluster* cluster, SweepNumbers numbers, const FollowOptions& options,
                 Progress* progress, Interrupt* interrupt, Context* context) {
  SweepWatcher watcher(&cluster->client(), numbers.name, [interrupt] { interrupt->Wake(); });
  RunEnd end;
  end.numbers = std::move(numbers);
  StallDetector stalls(cluster->workers()->count());
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
      end.failure =
          Failure{kExitFailed, {}, "every worker died too often.", SeeLog(options.worker_log)};
      break;
    }
    const absl::Duration now = context->clock->MonotonicNow();
    if (now - workers_checked >= kWorkersCheckedEvery) {
      workers_checked = now;
      end.failure = LookForStall(*cluster, end.numbers, options, now, &stalls);
      if (end.failure.has_value()) break;
    }
    const SweepWatcher::View view = watcher.view();
    if (view.numbers.has_value()) {
      end.numbers = *view.numbers;
      progress->Update({.sweeps = {end.numbers}, .around = std::nullopt});
    }
    if (view.over && !end.numbers.all_ended()) {
      end.failure = ServiceFailure(view.error, cluster->client().address());
      break;
    }
    if (end.numbers.state == "paused") {
      end.failure = Paused(end.numbers, options.database);
      break;
    }
    if (!end.numbers.all_ended()) interrupt->Wait(kWaitAtMost);
  }
  progress->Finish();
  return end;
}

}  // namespace firstguess
