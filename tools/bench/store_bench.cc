// How fast the store is, beside the same rows inserted raw, and how many bytes its rows take.
//
//   firstguess_store_bench [--benchmark_filter=Full] [--benchmark_repetitions=7]
//
// Each repetition writes both ways into new files, one after the other, so that the ratio compares
// neighbours in time.

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "coordinator/store/store.h"
#include "tools/bench/bench_trials.h"
#include "tools/bench/query_number.h"
#include "tools/bench/raw_insert.h"
#include "tools/bench/repeated.h"
#include "tools/bench/store_insert.h"

namespace firstguess {
namespace {

constexpr int64_t kSnapshots = 30;
constexpr int64_t kClasses = 10;
constexpr int64_t kRawGroup = 100;
constexpr int64_t kPacksInFlight = 16;

struct Cost {
  double seconds = 0;
  double processor_seconds = 0;
};

template <typename Work>
Cost Measure(Work work) {
  const auto start = std::chrono::steady_clock::now();
  const double processor_start = ProcessorSeconds();
  work();
  return {
      .seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(),
      .processor_seconds = ProcessorSeconds() - processor_start};
}

void MakeEmptyDatabase(const std::string& path) {
  Store::Options options;
  options.path = path;
  options.clock = RealClock();
  if (const auto store = Store::Open(std::move(options)); !store.ok()) {
    std::fprintf(stderr, "%s\n", store.status().ToString().c_str());
    std::exit(1);
  }
}

void Compare(benchmark::State& state, int64_t trials, int64_t pack_size, int64_t packs_in_flight,
             int64_t snapshots) {
  const auto trajectory = BenchTrajectory(snapshots, kClasses);
  for (auto _ : state) {
    const BenchFolder folder;
    MakeEmptyDatabase(folder.File("raw.db"));
    const Cost raw =
        Measure([&] { InsertRaw(folder.File("raw.db"), trials, *trajectory, kRawGroup); });
    MakeEmptyDatabase(folder.File("store.db"));
    const Cost store = Measure([&] {
      InsertThroughStore(folder.File("store.db"), trials, pack_size, packs_in_flight, trajectory);
    });
    const auto count = static_cast<double>(trials);
    state.SetIterationTime(store.seconds);
    state.counters["raw_per_s"] = count / raw.seconds;
    state.counters["store_per_s"] = count / store.seconds;
    state.counters["ratio"] = raw.seconds / store.seconds;
    state.counters["raw_cpu_us"] = raw.processor_seconds / count * 1e6;
    state.counters["store_cpu_us"] = store.processor_seconds / count * 1e6;
  }
}

void FullTrials(benchmark::State& state) {
  Compare(state, /*trials=*/2048, /*pack_size=*/64, kPacksInFlight, kSnapshots);
}
void EmptyTrialsInPacksOf64(benchmark::State& state) {
  Compare(state, /*trials=*/64 * 1024, /*pack_size=*/64, kPacksInFlight, /*snapshots=*/0);
}
void EmptyTrialsInPacksOf1(benchmark::State& state) {
  Compare(state, /*trials=*/16 * 1024, /*pack_size=*/1, /*packs_in_flight=*/256, /*snapshots=*/0);
}

// At trial ids of a million, which take three bytes.
void BytesPerClassRow(benchmark::State& state) {
  constexpr int64_t kTrials = 2048;
  for (auto _ : state) {
    const BenchFolder folder;
    const std::string path = folder.File("store.db");
    MakeEmptyDatabase(path);
    QueryNumber(path,
                "INSERT INTO trial (trial_id, key, status, config, pack_id, slot)"
                " VALUES (1000000, '', 'done', '', 0, 0) RETURNING 0");
    InsertThroughStore(path, kTrials, 64, kPacksInFlight, BenchTrajectory(kSnapshots, kClasses));
    const double rows = QueryNumber(path, "SELECT count(*) FROM class_snapshot");
    state.counters["tree"] =
        QueryNumber(path, "SELECT sum(pgsize) FROM dbstat WHERE name = 'class_snapshot'") / rows;
    const double file = QueryNumber(path, "SELECT sum(pgsize) FROM dbstat");
    state.counters["file"] = file / rows;
    state.counters["trial"] = file / static_cast<double>(kTrials);
  }
}

BENCHMARK(FullTrials)->Apply(Repeated);
BENCHMARK(EmptyTrialsInPacksOf64)->Apply(Repeated);
BENCHMARK(EmptyTrialsInPacksOf1)->Apply(Repeated);
BENCHMARK(BytesPerClassRow)->Iterations(1)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace firstguess

BENCHMARK_MAIN();
