#include "tests/coordinator/state/world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "coordinator/grid/pack_plan.h"

namespace firstguess {

World::World(uint64_t seed, Hazards hazards) : random_(seed), hazards_(hazards), workers_(3) {
  const std::string packs = absl::StrCat("pack: {max_trials: ", 1 + Draw(4), "}\n");
  const std::string attempts = absl::StrCat("max_attempts: ", 1 + Draw(3), "\n");
  cells_ = static_cast<int64_t>(2 + Draw(6));
  const std::string failures = Chance(20) ? "max_failures: 1\n" : "";
  specs_ = {SpecOf("s", cells_, packs + attempts + failures, 0),
            SpecOf("t", cells_, packs + absl::StrCat("priority: ", Draw(2), "\n"),
                   static_cast<int64_t>(Draw(static_cast<uint64_t>(cells_))))};
  for (Worker& worker : workers_) Replace(worker);
  Submit(0);
}

void World::Apply(const Event& event) {
  machine_.Apply(event);
  Route();
}

bool World::Execute() {
  if (!machine_.ExecuteOne()) return false;
  if (++writes_ == hazards_.restart_after_write) Restart();
  return true;
}

bool World::Report() {
  if (!machine_.ReportOne()) return false;
  Route();
  return true;
}

void World::Route() {
  for (ToWorker& message : machine_.TakeAll()) {
    books_.Sent(message, machine_.store());
    for (Worker& worker : workers_) {
      if (worker.instance_id == message.instance_id && worker.epoch == message.epoch &&
          worker.connected) {
        worker.down.push_back(message);
      }
    }
  }
  for (const Reply& reply : machine_.TakeReplies()) {
    books_.Answered(reply, machine_.store());
  }
}

void World::Restart() {
  machine_.Restart();
  machine_.TakeAll();
  machine_.TakeReplies();
  disk_full_ = false;
  for (Worker& worker : workers_) {
    worker.connected = false;
    worker.up.clear();
    worker.down.clear();
  }
}

void World::Submit(size_t sweep) {
  Apply(SubmitSweep{.token = ++token_,
                    .request_id = absl::StrCat("request ", token_),
                    .sweep = ParsedSpec(specs_[sweep]),
                    .spec_text = specs_[sweep]});
}

// A spec of a few seeds and perhaps widths: a plain grid, a union, with zipped fields, excludes, or
// a sample of it.
std::string World::DrawSpec(size_t sweep) {
  const std::string name = sweep == 0 ? "s" : "t";
  std::string more =
      absl::StrCat("priority: ", Draw(2), "\npack: {max_trials: ", 1 + Draw(4), "}\n");
  if (Chance(30)) absl::StrAppend(&more, "width: 32\n");
  const auto first = static_cast<int64_t>(Draw(static_cast<uint64_t>(cells_)));
  const auto count = static_cast<int64_t>(1 + Draw(static_cast<uint64_t>(cells_) + 3));
  if (Chance(50)) return SpecOf(name, count, more, first);
  if (Chance(30))
    absl::StrAppend(&more, "sample: {count: ", 1 + Draw(static_cast<uint64_t>(count)), "}\n");
  if (Chance(50)) {
    absl::StrAppend(&more, "exclude: [{seed: ",
                    first + static_cast<int64_t>(Draw(static_cast<uint64_t>(count))), "}]\n");
  }
  const std::string seeds = absl::StrCat("seed: {range: [", first, ", ", first + count, "]}");
  const std::string grid = Chance(50)
                               ? absl::StrCat("grid: {", seeds, "}\n")
                               : absl::StrCat("grid:\n  - {", seeds, "}\n  - {zip: {seed: [", first,
                                              ", ", first + 1, "], depth: [3, 4]}}\n");
  return absl::StrCat("name: ", name, "\ndataset: fashion-mnist\ntrain: {steps: 10}\n", more, grid);
}

// Another spec under the same name: some cells are kept, some dropped, some added.
void World::Edit(size_t sweep) {
  std::string spec = DrawSpec(sweep);
  while (!PackPlan::Make(ParsedSpec(spec)).ok()) spec = DrawSpec(sweep);
  Apply(SubmitSweep{.token = ++token_,
                    .request_id = absl::StrCat("request ", token_),
                    .sweep = ParsedSpec(spec),
                    .spec_text = spec,
                    .extend = Chance(80)});
}

// The live cells of every sweep that was not cancelled are those of its latest spec.
void World::CheckCells() {
  for (const auto& [id, sweep] : machine_.store().sweeps()) {
    if (sweep.state == SweepState::kCancelled) continue;
    std::multiset<std::string> live;
    for (const auto& [cell, row] : sweep.rows) {
      if (row.dropped_in.has_value()) continue;
      live.insert(CanonicalJson(machine_.store().trials().at(row.trial_id).config));
    }
    std::multiset<std::string> wanted;
    const PackPlan plan = *PackPlan::Make(ParsedSpec(sweep.revisions.back().spec));
    for (uint64_t place = 0; place < plan.cells(); ++place) {
      wanted.insert(CanonicalJson(plan.grid().ConfigAt(plan.CellAt(place))));
    }
    ASSERT_EQ(live, wanted) << sweep.name;
  }
}

void World::Person() {
  const std::string name = Chance(50) ? "s" : "t";
  using Kind = ChangeSweep::Kind;
  const uint64_t what = Draw(100);
  if (what < 40) {
    Submit(name == "s" ? 0 : 1);
  } else if (!hazards_.people) {
    return;
  } else if (what < 52) {
    Edit(name == "s" ? 0 : 1);
  } else if (what < 60) {
    Apply(ChangeSweep{.token = ++token_, .name = name, .kind = Kind::kPause, .classes = {}});
  } else if (what < 80) {
    Apply(ChangeSweep{.token = ++token_, .name = name, .kind = Kind::kResume, .classes = {}});
  } else if (what < 85) {
    Apply(ChangeSweep{.token = ++token_, .name = name, .kind = Kind::kCancel, .classes = {}});
  } else if (what < 95) {
    books_.Retried();
    std::vector<FailureClass> classes;
    if (Chance(50)) classes.push_back(kFailures[Draw(std::size(kFailures))]);
    Apply(ChangeSweep{
        .token = ++token_, .name = name, .kind = Kind::kRetryFailed, .classes = classes});
  } else {
    Apply(DrainWorker{.token = ++token_, .name = workers_[Draw(workers_.size())].instance_id});
  }
}

void World::Step() {
  Worker& worker = workers_[Draw(workers_.size())];
  const uint64_t what = Draw(1000);
  if (what < 200) {
    Execute();
  } else if (what < 400) {
    Report();
  } else if (what < 550) {
    DeliverUp(worker);
  } else if (what < 700) {
    DeliverDown(worker);
  } else if (what < 910) {
    Act(worker);
  } else if (what < 950) {
    machine_.Jump(absl::Seconds(1 + Draw(Chance(10) ? 40 : 2)));
    Apply(Tick());
  } else if (what < 975) {
    Person();
  } else if (what < 982) {
    disk_full_ = !disk_full_;
    Apply(DiskFull{.full = disk_full_});
  } else if (what < 992) {
    if (hazards_.deaths) Replace(worker);
  } else if (hazards_.restarts && hazards_.restart_after_write < 0) {
    Restart();
  }
  books_.Check(machine_);
}

void World::Finish() {
  hazards_ = {.network = false,
              .deaths = false,
              .people = false,
              .failures = false,
              .restarts = false,
              .restart_after_write = hazards_.restart_after_write};
  for (Worker& worker : workers_) Replace(worker);
  if (disk_full_) Apply(DiskFull{.full = disk_full_ = false});
  Submit(0);
  Submit(1);
  const auto is_open = [&] {
    if (!machine_.idle()) return true;
    const std::vector<SweepView> views = machine_.state().Sweeps();
    return views.size() < specs_.size() ||
           std::any_of(views.begin(), views.end(), [](const SweepView& view) {
             return view.state != SweepState::kDone && view.state != SweepState::kCancelled;
           });
  };
  for (int round = 0; is_open(); ++round) {
    ASSERT_LT(round, 1000) << "it does not finish";
    while (!testing::Test::HasFatalFailure() && (Execute() || Report())) {
    }
    for (const SweepView& view : machine_.state().Sweeps()) {
      if (view.state != SweepState::kPaused) continue;
      Apply(ChangeSweep{
          .token = ++token_, .name = view.name, .kind = ChangeSweep::Kind::kResume, .classes = {}});
    }
    if (machine_.state().Sweeps().size() < specs_.size()) {
      for (size_t sweep = 0; sweep < specs_.size(); ++sweep) Submit(sweep);
    }
    for (Worker& worker : workers_) {
      while (!worker.down.empty()) DeliverDown(worker);
      Act(worker);
      while (!worker.up.empty()) DeliverUp(worker);
    }
    machine_.Jump(absl::Seconds(2));
    Apply(Tick());
    books_.Check(machine_);
    if (testing::Test::HasFatalFailure()) return;
  }
  for (const auto& [id, sweep] : machine_.store().sweeps()) {
    const SweepCounters counters = machine_.store().Count(id);
    ASSERT_EQ(counters.done + counters.failed + counters.cancelled, sweep.cells) << sweep.name;
  }
  CheckCells();
  for (const auto& [id, lease] : machine_.store().leases()) {
    ASSERT_TRUE(lease.outcome.has_value()) << "lease " << id << " is open for ever";
    for (const auto& [trial, row] : machine_.store().trials()) {
      ASSERT_EQ(machine_.state().ConfigOf(id, trial), nullptr) << "trial " << trial << " lives on";
    }
  }
}

}  // namespace firstguess
