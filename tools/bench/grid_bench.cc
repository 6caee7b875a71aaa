// What does not grow with the grid: how long a submit takes, and a restart.
//
//   firstguess_grid_bench [--benchmark_filter=Restart/100000] [--benchmark_repetitions=7]

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "tools/bench/bench_trials.h"
#include "tools/bench/coordinator_process.h"
#include "tools/bench/repeated.h"
#include "tools/bench/require.h"
#include "tools/bench/simulated_workers.h"
#include "tools/bench/sweep_client.h"

namespace firstguess {
namespace {

using Seconds = std::chrono::duration<double>;
using std::chrono::steady_clock;

double SecondsSince(steady_clock::time_point start) {
  return Seconds(steady_clock::now() - start).count();
}

// Through gRPC, committed. `side` squared cells.
void Submit(benchmark::State& state, int64_t side) {
  const BenchFolder folder;
  const std::string address = absl::StrCat("unix:", folder.File("socket"));
  const CoordinatorProcess coordinator(folder.File("grid.db"), address);
  const SweepClient client(address);
  client.Ask();
  for (auto _ : state) {
    const std::string spec = absl::StrCat(
        "name: bench\ndataset: fashion-mnist\ntrain: {steps: 200}\ngrid:\n"
        "  data_seed: {range: [1, ",
        side, "]}\n  seed: {range: [1, ", side, "]}\n");
    const auto start = steady_clock::now();
    client.Submit(spec);
    state.SetIterationTime(SecondsSince(start));
    Require(client.Get("bench").cells() == side * side, "another number of cells");
  }
}

// 10,004,569 and 10^12 cells.
void SubmitTenMillionCells(benchmark::State& state) { Submit(state, 3'163); }
void SubmitTrillionCells(benchmark::State& state) { Submit(state, 1'000'000); }

// A sweep with `trials` finished empty trials and more to come, whose coordinator was killed amid
// work.
class KilledSweep {
 public:
  explicit KilledSweep(int64_t trials) {
    CoordinatorProcess coordinator(database(), address());
    const SweepClient client(address());
    const SimulatedWorkers workers({.coordinator = address(), .snapshots = 0});
    client.AwaitWorkers(4);
    const auto start = steady_clock::now();
    const double processor_start = coordinator.ProcessorSeconds();
    client.Submit(BenchSpec("bench", trials + kMore, /*pack=*/64));
    int64_t done = 0;
    while ((done = client.Get("bench").done()) < trials) usleep(5'000);
    trials_per_s_ = static_cast<double>(done) / SecondsSince(start);
    coordinator_cpu_us_ =
        (coordinator.ProcessorSeconds() - processor_start) / static_cast<double>(done) * 1e6;
    coordinator.Kill();
  }

  // While it was made.
  double trials_per_s() const { return trials_per_s_; }
  double coordinator_cpu_us() const { return coordinator_cpu_us_; }

  std::string database() const { return folder_.File("restart.db"); }
  std::string address() const { return absl::StrCat("unix:", folder_.File("socket")); }

 private:
  static constexpr int64_t kMore = 200'000;

  const BenchFolder folder_;
  double trials_per_s_ = 0;
  double coordinator_cpu_us_ = 0;
};

// From the start of the program to its first answer, and to the first finished trial of a worker
// that comes once it serves. The file is in the system's memory, as it is right after a crash.
void Restart(benchmark::State& state) {
  // One for all repetitions: it takes long to make.
  static std::map<int64_t, std::unique_ptr<KilledSweep>> sweeps;
  std::unique_ptr<KilledSweep>& sweep = sweeps[state.range(0)];
  if (sweep == nullptr) sweep = std::make_unique<KilledSweep>(state.range(0));
  for (auto _ : state) {
    const auto start = steady_clock::now();
    CoordinatorProcess coordinator(sweep->database(), sweep->address());
    const SweepClient client(sweep->address());
    client.Ask();
    const double served = SecondsSince(start);
    // One with one lease: what it leaves open is read again by the next restart.
    SimulatedWorkers worker(
        {.coordinator = sweep->address(), .workers = 1, .capacity = 1, .snapshots = 0});
    worker.AwaitFirstStored();
    state.counters["first_trial_ms"] = SecondsSince(start) * 1e3;
    state.SetIterationTime(served);
    state.counters["made_per_s"] = sweep->trials_per_s();
    state.counters["made_cpu_us"] = sweep->coordinator_cpu_us();
    state.counters["resident_MB"] = static_cast<double>(coordinator.ResidentBytes()) / 1e6;
    state.counters["file_MB"] =
        static_cast<double>(std::filesystem::file_size(sweep->database())) / 1e6;
    Require(client.Get("bench").done() >= state.range(0), "finished trials were lost");
    coordinator.Kill();
  }
}

BENCHMARK(SubmitTenMillionCells)->Apply(Repeated);
BENCHMARK(SubmitTrillionCells)->Apply(Repeated);
BENCHMARK(Restart)->Apply(Repeated)->RangeMultiplier(10)->Range(1'000, 1'000'000);

}  // namespace
}  // namespace firstguess

int main(int argc, char** argv) {
  firstguess::SetLogLevel(firstguess::LogLevel::kError);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
