// A crowd of workers over TCP: what holding them costs the coordinator, and how soon they are all
// at work again when it was killed.
//
//   firstguess_crowd_bench [--benchmark_filter=Storm/workers:2000]

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <chrono>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/open_files.h"
#include "tools/bench/bench_trials.h"
#include "tools/bench/coordinator_process.h"
#include "tools/bench/crowd.h"
#include "tools/bench/query_number.h"
#include "tools/bench/repeated.h"
#include "tools/bench/require.h"
#include "tools/bench/sweep_client.h"

namespace firstguess {
namespace {

constexpr int64_t kPack = 2;
constexpr int64_t kPacksPerWorker = 3;

// Below the ports that the system gives to connections: while the coordinator is down, a worker
// that tries to connect could else be given the very port, and keep it.
std::string UnusualAddress() { return absl::StrCat("127.0.0.1:", 20'000 + getpid() % 10'000); }

absl::Duration Now() { return RealClock()->MonotonicNow(); }

double SecondsSince(absl::Duration start) { return absl::ToDoubleSeconds(Now() - start); }

void AwaitConnected(Crowd& crowd, int64_t workers) {
  crowd.Await("all connected",
              [&](const CrowdCounts& counts) { return counts.connected == workers; });
}

// Every trial was trained once, stored once, and had one attempt that was begun. A grant that was
// on disk but not on its way when the coordinator was killed is given back, and costs an attempt
// that nobody began.
void RequireOnce(const std::string& database, const CrowdCounts& counts, int64_t trials) {
  Require(counts.trained == trials && counts.trained_again == 0,
          absl::StrCat(trials, " trials were trained ", counts.trained, " times"));
  Require(counts.stored + counts.known == trials && counts.not_stored == 0,
          absl::StrCat(trials, " trials were stored ", counts.stored + counts.known, " times, and ",
                       counts.not_stored, " results were not"));
  const double attempts =
      QueryNumber(database, "SELECT count(*) FROM attempt WHERE outcome <> 'returned'");
  Require(attempts == static_cast<double>(trials),
          absl::StrCat(trials, " trials had ", attempts, " attempts"));
}

double Megabytes(int64_t bytes) { return static_cast<double>(bytes) / 1e6; }

// Idle for some seconds, then at work on full trials for about as long.
void Held(benchmark::State& state) {
  const int64_t workers = state.range(0);
  const absl::Duration idle = absl::Seconds(state.range(1));
  for (auto _ : state) {
    const BenchFolder folder;
    const std::string address = UnusualAddress();
    CoordinatorProcess coordinator(folder.File("crowd.db"), address);
    const SweepClient client(address);
    const absl::Duration start = Now();
    CrowdCounts counts;
    {
      Crowd crowd({.coordinator = address,
                   .workers = workers,
                   .trial = idle / (kPack * kPacksPerWorker),
                   .spread = true,
                   .snapshots = 30});
      AwaitConnected(crowd, workers);
      state.counters["connect_s"] = SecondsSince(start);

      const absl::Duration idle_start = Now();
      const double idle_processor = coordinator.ProcessorSeconds();
      absl::SleepFor(idle);
      state.counters["idle_cpu_percent"] =
          (coordinator.ProcessorSeconds() - idle_processor) / SecondsSince(idle_start) * 100;
      state.counters["idle_resident_MB"] = Megabytes(coordinator.ResidentBytes());

      const int64_t trials = workers * kPack * kPacksPerWorker;
      const absl::Duration busy_start = Now();
      const double busy_processor = coordinator.ProcessorSeconds();
      client.Submit(BenchSpec("bench", trials, kPack));
      client.AwaitEnd("bench");
      const double busy = SecondsSince(busy_start);
      state.counters["busy_trials_per_s"] = static_cast<double>(trials) / busy;
      state.counters["busy_cpu_percent"] =
          (coordinator.ProcessorSeconds() - busy_processor) / busy * 100;
      state.counters["peak_resident_MB"] = Megabytes(coordinator.PeakResidentBytes());
      Require(client.ConnectedWorkers() == workers, "workers were lost");
      counts = crowd.Await("all stored",
                           [&](const CrowdCounts& seen) { return seen.settled() == trials; });
      RequireOnce(folder.File("crowd.db"), counts, trials);
    }
    state.counters["held_s"] = SecondsSince(start);
    state.counters["disconnects"] = static_cast<double>(counts.disconnects);
    state.counters["heartbeats"] = static_cast<double>(counts.heartbeats);
    state.counters["missed_heartbeats"] = static_cast<double>(counts.missed_heartbeats);
    state.counters["slowest_reply_ms"] = absl::ToDoubleMilliseconds(counts.slowest_reply);
    state.SetIterationTime(SecondsSince(start));
    coordinator.Stop();
  }
}

// All results of full trials at once.
void Burst(benchmark::State& state) {
  const int64_t workers = state.range(0);
  for (auto _ : state) {
    const BenchFolder folder;
    const std::string address = UnusualAddress();
    CoordinatorProcess coordinator(folder.File("crowd.db"), address);
    const absl::Duration start = Now();
    Crowd crowd({.coordinator = address,
                 .workers = workers,
                 .trial = absl::Milliseconds(state.range(1)),
                 .snapshots = 30});
    AwaitConnected(crowd, workers);
    const SweepClient client(address);
    client.Submit(BenchSpec("bench", workers, /*pack=*/1));
    client.AwaitEnd("bench");
    state.SetIterationTime(SecondsSince(start));
    state.counters["peak_resident_MB"] = Megabytes(coordinator.PeakResidentBytes());
    state.counters["missed_heartbeats"] = static_cast<double>(crowd.counts().missed_heartbeats);
  }
}

// The coordinator is killed while all workers train, and started again at once.
void Storm(benchmark::State& state) {
  const int64_t workers = state.range(0);
  for (auto _ : state) {
    const BenchFolder folder;
    const std::string database = folder.File("crowd.db");
    const std::string address = UnusualAddress();
    auto coordinator = std::make_unique<CoordinatorProcess>(database, address);
    Crowd crowd({.coordinator = address,
                 .workers = workers,
                 .trial = absl::Milliseconds(state.range(1)),
                 .snapshots = 0});
    AwaitConnected(crowd, workers);
    const int64_t trials = workers * kPack * kPacksPerWorker;
    SweepClient(address).Submit(BenchSpec("bench", trials, kPack));
    // A third is stored, and everybody trains.
    crowd.Await("a third stored",
                [&](const CrowdCounts& counts) { return counts.stored >= trials / 3; });

    const absl::Duration killed = Now();
    coordinator->Kill();
    coordinator = std::make_unique<CoordinatorProcess>(database, address);
    state.counters["serving_s"] = SecondsSince(killed);
    crowd.Await("first result",
                [](const CrowdCounts& counts) { return counts.stored_on_return > 0; });
    state.counters["first_result_s"] = SecondsSince(killed);
    const CrowdCounts back = crowd.Await("all back", [&](const CrowdCounts& counts) {
      return counts.welcomes >= 2 * workers && counts.connected == workers;
    });
    state.counters["all_back_s"] = SecondsSince(killed);
    // As many as were waiting when the last worker came back.
    crowd.Await("what waited is stored", [&](const CrowdCounts& counts) {
      return counts.settled() >= back.settled() + back.unsent;
    });
    state.counters["backlog_stored_s"] = SecondsSince(killed);
    state.SetIterationTime(SecondsSince(killed));

    const CrowdCounts counts = crowd.Await(
        "all stored", [&](const CrowdCounts& seen) { return seen.settled() == trials; });
    SweepClient(address).AwaitEnd("bench");
    RequireOnce(database, counts, trials);
    state.counters["acks_lost"] = static_cast<double>(counts.known);
    state.counters["grants_returned"] =
        QueryNumber(database, "SELECT count(*) FROM lease WHERE outcome = 'returned'");
    state.counters["trained_twice"] = static_cast<double>(counts.trained_again);
  }
}

BENCHMARK(Held)
    ->Apply(Repeated)
    ->ArgNames({"workers", "seconds"})
    ->Args({50, 1})
    ->Args({2'000, 40});
BENCHMARK(Burst)
    ->Apply(Repeated)
    ->ArgNames({"workers", "trial_ms"})
    ->Args({50, 200})
    ->Args({2'000, 5'000});
BENCHMARK(Storm)
    ->Apply(Repeated)
    ->ArgNames({"workers", "trial_ms"})
    ->Args({4, 100})
    ->Args({50, 200})
    ->Args({2'000, 2'000});

}  // namespace
}  // namespace firstguess

int main(int argc, char** argv) {
  firstguess::SetLogLevel(firstguess::LogLevel::kError);
  // A socket for each worker.
  firstguess::RaiseOpenFileLimit();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
