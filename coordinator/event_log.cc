#include "coordinator/event_log.h"

#include <variant>

#include "common/log.h"

namespace firstguess {
namespace {

void LogWrite(const InsertSweep& sweep) {
  Log(LogLevel::kInfo, "sweep submitted",
      {{"sweep", sweep.name},
       {"sweep_id", sweep.sweep_id},
       {"cells", sweep.cells},
       {"priority", sweep.priority}});
}

void LogWrite(const ExtendSweep& sweep) {
  Log(LogLevel::kInfo, "sweep extended",
      {{"sweep_id", sweep.sweep_id},
       {"revision", sweep.revision},
       {"cells", sweep.cells},
       {"priority", sweep.priority}});
}

void LogWrite(const OpenPack& pack) {
  Log(LogLevel::kDebug, "lease granted",
      {{"lease", pack.lease.lease_id},
       {"pack", pack.pack_id},
       {"sweep_id", pack.sweep_id},
       {"worker", pack.lease.worker},
       {"instance", pack.lease.instance_id}});
}

void LogWrite(const LeasePack& pack) {
  Log(LogLevel::kDebug, "lease granted again",
      {{"lease", pack.lease.lease_id},
       {"pack", pack.pack_id},
       {"trials", pack.trials.size()},
       {"worker", pack.lease.worker},
       {"instance", pack.lease.instance_id}});
}

void LogWrite(const EndLease& lease) {
  if (lease.outcome == "expired") {
    Log(LogLevel::kWarning, "lease expired",
        {{"lease", lease.lease_id}, {"worker", lease.worker}, {"why", lease.message}});
    return;
  }
  const bool ordinary = lease.outcome == "finished" || lease.outcome == "returned" ||
                        lease.outcome == "dropped" || lease.outcome == "preempted";
  Log(ordinary ? LogLevel::kDebug : LogLevel::kWarning, "lease ended",
      {{"lease", lease.lease_id},
       {"worker", lease.worker},
       {"outcome", lease.outcome},
       {"message", lease.message}});
}

void LogWrite(const EndAttempt& attempt) {
  Log(attempt.final_failure ? LogLevel::kError : LogLevel::kWarning,
      attempt.final_failure ? "trial failed" : "attempt failed; the trial is tried again",
      {{"trial", attempt.trial_id},
       {"lease", attempt.lease_id},
       {"worker", attempt.worker},
       {"class", FailureClassName(attempt.failure)},
       {"message", attempt.message}});
}

void LogWrite(const SplitPack& pack) {
  Log(LogLevel::kInfo, "pack split after a failure",
      {{"pack", pack.pack_id}, {"parts", pack.parts.size()}});
}

void LogWrite(const CancelTrials& cancelled) {
  Log(LogLevel::kInfo, "trials cancelled", {{"trials", cancelled.trials.size()}});
}

void LogWrite(const RetryFailed& retry) {
  Log(LogLevel::kInfo, "failed trials are tried again", {{"sweep_id", retry.sweep_id}});
}

// The first is debugging's, too often; the engine tells of the second when it has an effect.
void LogWrite(const StoreResult&) {}
void LogWrite(const SetSweepState&) {}

}  // namespace

void EventLog::OnWrite(const Write& write, const WriteResult&) {
  std::visit([](const auto& known) { LogWrite(known); }, write);
}

}  // namespace firstguess
