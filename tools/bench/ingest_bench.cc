// How many trials a second go the whole way, coordinator and simulated workers sharing the machine:
// gRPC over a unix socket, state machine, store, COMMIT, acknowledgement; beside the same rows
// inserted raw. The coordinator is a process of its own, so that its processor time can be told
// from the workers'.
//
//   firstguess_ingest_bench [--benchmark_filter=Empty] [--benchmark_repetitions=7]

#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "tools/bench/bench_trials.h"
#include "tools/bench/coordinator_process.h"
#include "tools/bench/raw_insert.h"
#include "tools/bench/repeated.h"
#include "tools/bench/simulated_workers.h"
#include "tools/bench/sweep_client.h"

namespace firstguess {
namespace {

constexpr int64_t kRawGroup = 100;
constexpr int64_t kClasses = 10;

void Ingest(benchmark::State& state, int64_t pack, SimulatedWorkers::Options workers) {
  const int64_t trials = state.range(0);
  const auto trajectory = BenchTrajectory(workers.snapshots, kClasses);
  for (auto _ : state) {
    const BenchFolder folder;
    workers.coordinator = absl::StrCat("unix:", folder.File("socket"));

    // An empty database of ours.
    CoordinatorProcess(folder.File("raw.db"), workers.coordinator).Stop();
    const auto raw_start = std::chrono::steady_clock::now();
    const double raw_processor_start = ProcessorSeconds();
    InsertRaw(folder.File("raw.db"), trials, *trajectory, kRawGroup);
    const double raw_processor = ProcessorSeconds() - raw_processor_start;
    const std::chrono::duration<double> raw = std::chrono::steady_clock::now() - raw_start;

    CoordinatorProcess coordinator(folder.File("ingest.db"), workers.coordinator);
    const SweepClient client(workers.coordinator);
    const SimulatedWorkers working(workers);
    client.AwaitWorkers(workers.workers);

    const auto start = std::chrono::steady_clock::now();
    const double processor_start = coordinator.ProcessorSeconds();
    client.Submit(BenchSpec("bench", trials, pack));
    client.AwaitEnd("bench");
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    const double processor = coordinator.ProcessorSeconds() - processor_start;

    coordinator.Stop();
    state.SetIterationTime(taken.count());
    const auto count = static_cast<double>(trials);
    state.counters["per_s"] = count / taken.count();
    state.counters["raw_per_s"] = count / raw.count();
    state.counters["ratio"] = raw.count() / taken.count();
    state.counters["coordinator_cpu_us"] = processor / count * 1e6;
    state.counters["raw_cpu_us"] = raw_processor / count * 1e6;
  }
}

void EmptyTrialsInPacksOf64(benchmark::State& state) {
  Ingest(state, /*pack=*/64, {.coordinator = "", .workers = 4, .capacity = 4, .snapshots = 0});
}
void EmptyTrialsInPacksOf1(benchmark::State& state) {
  Ingest(state, /*pack=*/1, {.coordinator = "", .workers = 4, .capacity = 64, .snapshots = 0});
}
void FullTrials(benchmark::State& state) {
  Ingest(state, /*pack=*/64, {.coordinator = "", .workers = 4, .capacity = 4, .snapshots = 30});
}

BENCHMARK(EmptyTrialsInPacksOf64)->Apply(Repeated)->RangeMultiplier(10)->Range(1'000, 1'000'000);
BENCHMARK(EmptyTrialsInPacksOf1)->Apply(Repeated)->RangeMultiplier(10)->Range(1'000, 100'000);
BENCHMARK(FullTrials)->Apply(Repeated)->Arg(64)->Arg(2'048);

}  // namespace
}  // namespace firstguess

int main(int argc, char** argv) {
  firstguess::SetLogLevel(firstguess::LogLevel::kError);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
