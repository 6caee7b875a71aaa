// What workers do towards the end of a sweep: the plan's packs, handed out one after the other as
// the coordinator does, to workers that take as long for a trial as its work says. Simulated time:
// the figures are of the plan, whatever the machine.
//
//   firstguess_tail_bench
//
// Beside each plan stands the one without smaller packs at its end (coordinator/grid/taper.h).
// A lease that a worker holds ahead of its need is not simulated: it is asked back when another one
// is idle, so nobody waits for it.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/spec/sweep.h"
#include "coordinator/grid/cost.h"
#include "coordinator/grid/pack_plan.h"
#include "tools/bench/require.h"

namespace firstguess {
namespace {

constexpr double kFlopsPerSecond = 4e10;  // of a worker
constexpr double kSecondsPerPack = 0.1;   // of it, before a pack's first update

std::string SpecOf(int64_t width, int64_t trials) {
  return absl::StrCat("name: tail\ndataset: fashion-mnist\nwidth: ", width,
                      "\ntrain: {steps: 200}\ngrid: {seed: {range: [0, ", trials - 1, "]}}\n");
}

struct Tail {
  int64_t packs = 0;
  double seconds = 0;             // until the last worker is done
  double first_idle_seconds = 0;  // before that, the first worker finds nothing more
  double busy_seconds = 0;        // of all workers
};

Tail HandOut(const PackPlan& plan, int64_t workers) {
  // When each is free.
  std::priority_queue<double, std::vector<double>, std::greater<>> free;
  for (int64_t i = 0; i < workers; ++i) free.push(0);
  Tail tail;
  for (uint64_t place = 0; place < plan.cells();) {
    const PackPlan::Pack pack = plan.PackAt(place);
    const double trial = TrialFlops(plan.grid().ConfigAt(plan.CellAt(place))) / kFlopsPerSecond;
    const double taken = kSecondsPerPack + static_cast<double>(pack.size) * trial;
    free.push(free.top() + taken);
    free.pop();
    tail.busy_seconds += taken;
    ++tail.packs;
    place = pack.end();
  }
  const double first_idle = free.top();
  for (; !free.empty(); free.pop()) tail.seconds = free.top();
  tail.first_idle_seconds = tail.seconds - first_idle;
  return tail;
}

void PlanTail(benchmark::State& state, PackPlan::Rules rules) {
  ParsedSweep parsed = ParseSweep(SpecOf(state.range(2), state.range(1)), "tail.yaml");
  Require(parsed.sweep.has_value(), "the sweep is valid");
  const auto plan =
      PackPlan::Make(std::make_shared<const Sweep>(*std::move(parsed.sweep)), nullptr, rules);
  Require(plan.ok(), "the sweep has a plan");
  const auto workers = static_cast<double>(state.range(0));
  for (auto _ : state) {
    const Tail tail = HandOut(*plan, state.range(0));
    state.counters["packs"] = static_cast<double>(tail.packs);
    state.counters["sweep_s"] = tail.seconds;
    state.counters["tail_s"] = tail.first_idle_seconds;
    state.counters["busy_share"] = tail.busy_seconds / (workers * tail.seconds);
  }
}

void Tapered(benchmark::State& state) { PlanTail(state, PackPlan::Rules::kTapered); }
void Equal(benchmark::State& state) { PlanTail(state, PackPlan::Rules::kEqual); }

void Sweeps(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"workers", "trials", "width"})
      ->ArgsProduct({{2, 64}, {1000, 10000}, {64, 512}})
      ->Iterations(1)
      ->Unit(benchmark::kMillisecond);
}

BENCHMARK(Tapered)->Apply(Sweeps);
BENCHMARK(Equal)->Apply(Sweeps);

}  // namespace
}  // namespace firstguess

BENCHMARK_MAIN();
