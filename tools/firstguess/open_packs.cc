#include "tools/firstguess/open_packs.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "coordinator/grid/pack_plan.h"
#include "coordinator/grid/plan_totals.h"

namespace firstguess {

absl::StatusOr<OpenPacks::Plan> OpenPacks::PlanOf(const v1::SweepStatus& sweep) {
  const std::pair<std::string, int64_t> key = {sweep.name(), sweep.revision()};
  if (const auto known = plans_.find(key); known != plans_.end()) return known->second;
  v1::GetRequest request;
  request.set_name(sweep.name());
  const absl::StatusOr<v1::GetResponse> response = client_->Call(&SweepClient::Stub::Get, request);
  if (!response.ok()) return response.status();
  Plan plan;
  // A spec of a later version than this program's is taken to have packs of the usual size.
  plan.cells_per_pack = static_cast<double>(PackLimits().max_trials);
  const ParsedSweep parsed = ParseSweep(response->spec(), sweep.name());
  if (parsed.sweep.has_value()) {
    plan.needs = parsed.sweep->needs;
    const absl::StatusOr<PackPlan> made =
        PackPlan::Make(std::make_shared<const Sweep>(*parsed.sweep));
    const double packs = made.ok() ? TotalsOf(*made).packs : 0;
    if (packs > 0) plan.cells_per_pack = static_cast<double>(made->cells()) / packs;
  }
  return plans_[key] = plan;
}

bool OpenPacks::Suits(const Requirements& needs) const {
  if (!needs.device.empty() && needs.device != offer_.device) return false;
  return std::all_of(needs.labels.begin(), needs.labels.end(), [this](const std::string& label) {
    return std::find(offer_.labels.begin(), offer_.labels.end(), label) != offer_.labels.end();
  });
}

absl::StatusOr<OpenPacks::View> OpenPacks::Look(const std::set<std::string>& jobs) {
  const absl::StatusOr<v1::ListResponse> sweeps =
      client_->Call(&SweepClient::Stub::List, v1::ListRequest());
  if (!sweeps.ok()) return sweeps.status();
  const absl::StatusOr<v1::ListWorkersResponse> workers =
      client_->Call(&SweepClient::Stub::ListWorkers, v1::ListWorkersRequest());
  if (!workers.ok()) return workers.status();
  View view;
  for (const v1::SweepStatus& sweep : sweeps->sweeps()) {
    if (sweep.state() != "running" || sweep.pending() == 0) continue;
    const absl::StatusOr<Plan> plan = PlanOf(sweep);
    if (!plan.ok()) return plan.status();
    if (!Suits(plan->needs)) continue;
    view.work.packs += static_cast<int64_t>(
        std::ceil(static_cast<double>(sweep.pending()) / plan->cells_per_pack));
  }
  for (const v1::WorkerStatus& worker : workers->workers()) {
    if (!jobs.contains(worker.job())) continue;
    if (worker.leases() > 0) ++view.work.busy;
    if (worker.leases() > 0 || worker.trials_done() > 0) view.worked.insert(worker.job());
    if (worker.state() == "cannot work") ++view.unable[worker.reason()];
  }
  return view;
}

}  // namespace firstguess
