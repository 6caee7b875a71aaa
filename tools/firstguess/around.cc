#include "tools/firstguess/around.h"

namespace firstguess {
namespace {

constexpr absl::Duration kAskedEvery = absl::Seconds(1);
constexpr absl::Duration kAroundPatience = absl::Seconds(2);

}  // namespace

std::optional<Watched::Around> AroundAsker::Look(const std::vector<SweepNumbers>& sweeps) {
  const absl::Duration now = clock_->MonotonicNow();
  if (!asked_at_.has_value() || now - *asked_at_ >= kAskedEvery) {
    asked_at_ = now;
    AskForWorkers();
  }
  if (!answer_.has_value()) return std::nullopt;
  answer_->failures.clear();
  for (const SweepNumbers& sweep : sweeps) {
    for (const auto& [failure_class, trials] : FailuresOf(sweep)) {
      answer_->failures[failure_class] += trials;
    }
  }
  return answer_;
}

void AroundAsker::AskForWorkers() {
  const absl::StatusOr<v1::ListWorkersResponse> response =
      client_->Call(&SweepClient::Stub::ListWorkers, v1::ListWorkersRequest(), kAroundPatience);
  if (!response.ok()) return;
  answer_.emplace();
  for (const v1::WorkerStatus& worker : response->workers()) ++answer_->workers[worker.state()];
}

// Asked for again only when their number changed.
const AroundAsker::Failures& AroundAsker::FailuresOf(const SweepNumbers& sweep) {
  auto& [failed, failures] = failures_[sweep.name];
  if (failed == sweep.failed) return failures;
  v1::GetRequest request;
  request.set_name(sweep.name);
  const absl::StatusOr<v1::GetResponse> response =
      client_->Call(&SweepClient::Stub::Get, request, kAroundPatience);
  if (!response.ok()) return failures;
  failed = sweep.failed;
  failures.clear();
  for (const v1::FailureGroup& group : response->failures()) {
    failures[group.failure_class()] += group.trials();
  }
  return failures;
}

}  // namespace firstguess
