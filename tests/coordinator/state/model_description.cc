#include "tests/coordinator/state/model_description.h"

#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/coordinator/state/model_store.h"

namespace firstguess {
namespace {

std::string IdsOf(const std::vector<StoredTrial>& trials) {
  return absl::StrJoin(trials, ",", [](std::string* out, const StoredTrial& trial) {
    absl::StrAppend(out, trial.trial_id, "/", trial.pack_id, "/", trial.attempts);
  });
}

// The members of each kind that tell two writes of the kind apart.
template <typename One>
std::string Details(const One& write) {
  std::string text;
  if constexpr (requires { write.sweep_id; }) absl::StrAppend(&text, " sweep ", write.sweep_id);
  if constexpr (requires { write.pack_id; }) absl::StrAppend(&text, " pack ", write.pack_id);
  if constexpr (requires { write.plan_index; }) absl::StrAppend(&text, " plan ", write.plan_index);
  if constexpr (requires { write.lease.lease_id; }) {
    absl::StrAppend(&text, " lease ", write.lease.lease_id, " of ", write.lease.instance_id);
  }
  if constexpr (requires { write.lease_id; }) absl::StrAppend(&text, " lease ", write.lease_id);
  if constexpr (requires { write.trial_id; }) absl::StrAppend(&text, " trial ", write.trial_id);
  if constexpr (requires { write.trials; }) {
    absl::StrAppend(&text, " trials ", absl::StrJoin(write.trials, ","));
  }
  if constexpr (requires { write.outcome; }) absl::StrAppend(&text, " ", write.outcome);
  if constexpr (requires { write.state; }) absl::StrAppend(&text, " ", SweepStateName(write.state));
  if constexpr (requires { write.failure; }) {
    absl::StrAppend(&text, " ", FailureClassName(write.failure), write.charged ? " charged" : "",
                    write.final_failure ? " final" : "");
  }
  if constexpr (requires { write.parts; }) {
    for (const auto& part : write.parts) {
      absl::StrAppend(&text, " part ", part.pack_id, ":", absl::StrJoin(part.trials, ","));
    }
  }
  return text;
}

}  // namespace

std::string DescribeWrite(const Write& write) {
  return absl::StrCat(write.index(),
                      std::visit([](const auto& one) { return Details(one); }, write));
}

std::string DescribeResult(const WriteResult& result) {
  std::string text =
      absl::StrCat("members ", IdsOf(result.members), " shared ", IdsOf(result.shared), " retried ",
                   IdsOf(result.retried), " dropped ", absl::StrJoin(result.dropped, ","),
                   result.stored ? " stored" : "");
  for (const ChangedSweep& changed : result.sweeps) {
    const SweepCounters& counters = changed.counters;
    absl::StrAppend(&text, " sweep ", changed.sweep_id, " ", SweepStateName(changed.state), " ",
                    counters.done, "+", counters.failed, "+", counters.cancelled, "+",
                    counters.leased);
  }
  return text;
}

std::string ModelStore::Describe() const {
  std::string text;
  for (const auto& [id, sweep] : sweeps_) {
    absl::StrAppend(&text, "sweep ", id, " ", SweepStateName(sweep.state), " revision ",
                    sweep.revisions.size());
    for (const auto& [cell, row] : sweep.rows) {
      absl::StrAppend(&text, " ", cell.first, "/", cell.second, "=", row.trial_id,
                      row.dropped_in.has_value() ? "-" : "");
    }
    text.push_back('\n');
  }
  for (const auto& [id, trial] : trials_) {
    absl::StrAppend(&text, "trial ", id, " ", TrialStatusName(trial.status), " pack ",
                    trial.pack_id, " attempts ", trial.attempts,
                    trial.replanned ? " replanned" : "", " tried");
    for (const AttemptRow& attempt : attempts_.at(id)) {
      absl::StrAppend(&text, " ", attempt.lease_id, ":", attempt.outcome.value_or("open"));
    }
    text.push_back('\n');
  }
  for (const auto& [id, lease] : leases_) {
    absl::StrAppend(&text, "lease ", id, " pack ", lease.pack_id, " of ", lease.instance_id, " ",
                    lease.outcome.value_or("open"), "\n");
  }
  return text;
}

}  // namespace firstguess
