#include "coordinator/web/event_counters.h"

#include <string>
#include <variant>

namespace firstguess {
namespace {

using prometheus::Counter;
using prometheus::Family;

Family<Counter>& CounterFamily(prometheus::Registry* registry, const std::string& name,
                               const std::string& help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(*registry);
}

prometheus::Histogram& OneHistogram(prometheus::Registry* registry, const std::string& name,
                                    const std::string& help, const std::vector<double>& bounds) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(*registry).Add({}, bounds);
}

constexpr FailureClass kFailureClasses[] = {FailureClass::kCrash,        FailureClass::kTimeout,
                                            FailureClass::kOutOfMemory,  FailureClass::kLost,
                                            FailureClass::kPreempted,    FailureClass::kInvalid,
                                            FailureClass::kInitCondition};

constexpr const char* kLeaseOutcomes[] = {"finished",  "returned", "dropped",       "expired",
                                          "crash",     "timeout",  "out_of_memory", "preempted",
                                          "incapable", "lost"};

}  // namespace

EventCounters::EventCounters()
    : trials_ended_(CounterFamily(&registry_, "firstguess_trials_ended_total",
                                  "Trials that reached a final state, by which")),
      trials_done_(trials_ended_.Add({{"outcome", "done"}})),
      trials_failed_(trials_ended_.Add({{"outcome", "failed"}})),
      trials_cancelled_(trials_ended_.Add({{"outcome", "cancelled"}})),
      failures_(CounterFamily(&registry_, "firstguess_failures_total",
                              "Attempts at a trial that a failure ended, by its class")),
      leases_granted_(
          CounterFamily(&registry_, "firstguess_leases_granted_total", "Leases given to workers")
              .Add({})),
      leases_ended_(CounterFamily(&registry_, "firstguess_leases_ended_total",
                                  "Leases that are over, by how they ended")),
      commits_(CounterFamily(&registry_, "firstguess_commits_total",
                             "Transactions committed to the database")
                   .Add({})),
      commit_results_(OneHistogram(&registry_, "firstguess_commit_results",
                                   "Results of trials in a transaction",
                                   {0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000})),
      commit_seconds_(OneHistogram(
          &registry_, "firstguess_commit_seconds", "From BEGIN to the end of COMMIT",
          {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10})) {
  // A counter is there from the start, so that its first step is seen as one.
  for (const FailureClass failure : kFailureClasses) {
    failures_.Add({{"class", std::string(FailureClassName(failure))}});
  }
  for (const char* outcome : kLeaseOutcomes) leases_ended_.Add({{"outcome", outcome}});
}

void EventCounters::OnWrite(const Write& write, const WriteResult& result) {
  if (std::holds_alternative<StoreResult>(write)) {
    if (result.stored) trials_done_.Increment();
  } else if (std::holds_alternative<OpenPack>(write)) {
    if (!result.members.empty()) leases_granted_.Increment();
  } else if (std::holds_alternative<LeasePack>(write)) {
    leases_granted_.Increment();
  } else if (const auto* lease = std::get_if<EndLease>(&write)) {
    leases_ended_.Add({{"outcome", lease->outcome}}).Increment();
  } else if (const auto* attempt = std::get_if<EndAttempt>(&write)) {
    failures_.Add({{"class", std::string(FailureClassName(attempt->failure))}}).Increment();
    if (attempt->final_failure) trials_failed_.Increment();
  } else if (const auto* cancelled = std::get_if<CancelTrials>(&write)) {
    trials_cancelled_.Increment(static_cast<double>(cancelled->trials.size()));
  }
}

void EventCounters::OnCommit(const Commit& commit) {
  commits_.Increment();
  commit_results_.Observe(static_cast<double>(commit.results));
  commit_seconds_.Observe(absl::ToDoubleSeconds(commit.time));
}

}  // namespace firstguess
