// What dashboards cost the writers: full trials a second while nobody looks, and while three pages
// ask for all that they show as fast as they are answered, which is some ten times as often as
// pages in a browser do.
//
//   firstguess_dashboard_bench [--benchmark_repetitions=7]

#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "httplib.h"
#include "tools/bench/bench_trials.h"
#include "tools/bench/coordinator_process.h"
#include "tools/bench/repeated.h"
#include "tools/bench/require.h"
#include "tools/bench/simulated_workers.h"
#include "tools/bench/sweep_client.h"

namespace firstguess {
namespace {

constexpr int kSnapshots = 30;
constexpr absl::string_view kWeb = "127.0.0.1:7199";
constexpr std::chrono::seconds kPause(2);

// Asks for overview and curves as long as it lives.
class Page {
 public:
  explicit Page(std::string of) : of_(std::move(of)), thread_([this] { Run(); }) {}
  ~Page() {
    stopping_ = true;
    thread_.join();
  }
  int64_t answers() const { return answers_; }

 private:
  void Run() {
    httplib::Client client(absl::StrCat("http://", kWeb));
    client.set_read_timeout(std::chrono::seconds(60));
    while (!stopping_) {
      for (const std::string& path :
           {std::string("/api/overview"), absl::StrCat("/api/curves?sweep=bench&of=", of_)}) {
        const auto answer = client.Get(path);
        if (answer && answer->status == 200) ++answers_;
      }
      std::this_thread::sleep_for(kPause);
    }
  }

  const std::string of_;
  std::atomic<bool> stopping_ = false;
  std::atomic<int64_t> answers_ = 0;
  std::thread thread_;
};

struct Training {
  double seconds = 0;
  double processor_seconds = 0;  // of the coordinator
  int64_t answers = 0;           // to pages
};

Training Train(int64_t trials, bool watched) {
  const BenchFolder folder;
  const std::string address = absl::StrCat("unix:", folder.File("socket"));
  CoordinatorProcess coordinator(folder.File("dashboard.db"), address,
                                 {"--web", std::string(kWeb)});
  const SweepClient client(address);
  const SimulatedWorkers working({.coordinator = address, .snapshots = kSnapshots});
  client.AwaitWorkers(4);
  std::vector<std::unique_ptr<Page>> pages;
  if (watched) {
    for (const char* of : {"mean_prob", "guess_fraction", "accuracy"}) {
      pages.push_back(std::make_unique<Page>(of));
    }
  }
  const auto start = std::chrono::steady_clock::now();
  const double processor_start = coordinator.ProcessorSeconds();
  client.Submit(BenchSpec("bench", trials, /*pack=*/64));
  client.AwaitEnd("bench");
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  Training training = {.seconds = taken.count(),
                       .processor_seconds = coordinator.ProcessorSeconds() - processor_start};
  for (const auto& page : pages) training.answers += page->answers();
  pages.clear();
  coordinator.Stop();
  return training;
}

void Watched(benchmark::State& state) {
  const auto trials = static_cast<double>(state.range(0));
  for (auto _ : state) {
    const Training alone = Train(state.range(0), false);
    const Training watched = Train(state.range(0), true);
    Require(watched.answers > 0, "no page was answered");
    state.SetIterationTime(watched.seconds);
    state.counters["per_s"] = trials / watched.seconds;
    state.counters["alone_per_s"] = trials / alone.seconds;
    state.counters["ratio"] = alone.seconds / watched.seconds;
    state.counters["coordinator_cpu_us"] = watched.processor_seconds / trials * 1e6;
    state.counters["alone_cpu_us"] = alone.processor_seconds / trials * 1e6;
    state.counters["answers_per_s"] = static_cast<double>(watched.answers) / watched.seconds;
  }
}

BENCHMARK(Watched)->Apply(Repeated)->Arg(640)->Arg(8'192);

}  // namespace
}  // namespace firstguess

int main(int argc, char** argv) {
  firstguess::SetLogLevel(firstguess::LogLevel::kError);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
