#include <utility>

#include "absl/strings/str_cat.h"
#include "coordinator/state/impl.h"

namespace firstguess {
namespace {

absl::Status Inconsistent(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("the database contradicts itself: ", what));
}

}  // namespace

absl::Status State::Impl::RestoreFrom(const OpenWork& work) {
  last_sweep_id = work.last_sweep_id;
  last_pack_id = work.last_pack_id;
  last_lease_id = work.last_lease_id;
  for (const StoredSweep& sweep : work.sweeps) {
    if (absl::Status status = RestoreSweep(sweep); !status.ok()) return status;
  }
  for (const StoredPack& pack : work.packs) {
    if (absl::Status status = RestorePack(pack); !status.ok()) return status;
  }
  for (const StoredLease& lease : work.leases) {
    if (absl::Status status = RestoreLease(lease); !status.ok()) return status;
  }
  for (const StoredPack& pack : work.packs) Offer(*packs.at(pack.pack_id));
  return broken.ok() ? absl::OkStatus() : Inconsistent(broken.message());
}

absl::Status State::Impl::RestoreSweep(const StoredSweep& stored) {
  SweepRecord& sweep = sweeps[stored.sweep_id];
  sweep.id = stored.sweep_id;
  sweep.name = stored.name;
  if (stored.revisions.empty()) {
    return Inconsistent(absl::StrCat("sweep `", stored.name, "` has no revision"));
  }
  sweep.canonical = stored.revisions.back().canonical;
  sweep.priority = stored.priority;
  sweep.state = stored.state;
  sweep.stored_state = stored.state;
  sweep.counters = stored.counters;
  sweep.created_at = stored.created_at;
  sweep.finished_at = stored.finished_at;
  sweeps_by_name[sweep.name] = sweep.id;
  // Nothing more is asked of a cancelled one.
  if (sweep.state == SweepState::kCancelled) {
    sweep.revision = static_cast<int64_t>(stored.revisions.size());
    return absl::OkStatus();
  }
  for (const StoredRevision& revision : stored.revisions) {
    if (absl::Status status = RestoreRevision(sweep, revision); !status.ok()) return status;
  }
  UpdateOffer(sweep);
  return absl::OkStatus();
}

absl::Status State::Impl::RestoreRevision(SweepRecord& sweep, const StoredRevision& stored) {
  ParsedSweep parsed = ParseSweep(stored.spec, sweep.name);
  if (!parsed.sweep.has_value()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the spec of sweep `", sweep.name,
        "`, as stored, is not valid for this version: ", parsed.errors.front().ToString()));
  }
  const auto spec = std::make_shared<const Sweep>(*std::move(parsed.sweep));
  const auto rules = static_cast<PackPlan::Rules>(stored.plan_rules);
  if (rules != PackPlan::Rules::kEqual && rules != PackPlan::Rules::kTapered) {
    return absl::FailedPreconditionError(
        absl::StrCat("sweep `", sweep.name, "` is planned by rules ", stored.plan_rules,
                     ", which this version does not know: use the one that wrote it"));
  }
  const absl::StatusOr<Plans> plans = PlansWith(sweep, spec, rules);
  if (!plans.ok()) {
    return absl::FailedPreconditionError(absl::StrCat("the spec of sweep `", sweep.name,
                                                      "`, as stored: ", plans.status().message()));
  }
  AddRevision(sweep, spec, *plans);
  if (!stored.last_plan_index.has_value()) return absl::OkStatus();
  auto& [plan, cursor] = sweep.plans.back();
  if (*stored.last_plan_index >= plan->cells()) {
    return Inconsistent(absl::StrCat("sweep `", sweep.name, "` has a pack behind its last cell"));
  }
  cursor = plan->NextLive(plan->PackAt(*stored.last_plan_index).end());
  FindOpening(sweep);
  return absl::OkStatus();
}

absl::Status State::Impl::RestorePack(const StoredPack& stored) {
  if (stored.trials.empty() || stored.wanted_by.size() != stored.trials.size()) {
    return Inconsistent(absl::StrCat("pack ", stored.pack_id, " is not open"));
  }
  Pack& pack = AddPack(stored.pack_id, ShapeOf(stored.trials.front().config));
  pack.times_lost = stored.times_lost;
  for (size_t i = 0; i < stored.trials.size(); ++i) {
    AddTrial(stored.trials[i], pack, stored.wanted_by[i]);
  }
  return absl::OkStatus();
}

absl::Status State::Impl::RestoreLease(const StoredLease& stored) {
  // Its end was not written before the restart.
  if (stored.trials.empty()) {
    restored_empty.push_back(stored.lease_id);
    return absl::OkStatus();
  }
  const auto pack = packs.find(stored.pack_id);
  if (pack == packs.end() || pack->second->lease != nullptr) {
    return Inconsistent(
        absl::StrCat("lease ", stored.lease_id, " is of no open pack, or of one that is leased"));
  }
  Worker* known = FindWorker(stored.instance_id);
  Worker& worker = known != nullptr ? *known : AddWorker(stored.instance_id);
  if (known == nullptr) {
    worker.description.name = stored.worker;
    worker.heard_at = now;
    worker.expires_at = now + options.lease_duration;
    expiries.insert({*worker.expires_at, worker.ordinal});
    worker.forget_at = worker.expires_at;
    departed.insert({*worker.forget_at, worker.ordinal});
  }
  Lease& lease = AddLease(stored.lease_id, worker, *pack->second);
  for (const TrialId id : stored.trials) {
    const auto trial = trials.find(id);
    if (trial == trials.end() || trial->second->pack != pack->second.get() ||
        trial->second->lease != nullptr) {
      return Inconsistent(
          absl::StrCat("trial ", id, " of lease ", lease.id, " is not open in its pack"));
    }
    AddMember(lease, *trial->second);
  }
  MoveLease(lease, LeaseState::kGranted);
  lease.granted_at = now;
  Reindex(worker);
  return absl::OkStatus();
}

}  // namespace firstguess
