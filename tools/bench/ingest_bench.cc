// How many trials a second go the whole way, coordinator and simulated workers sharing the machine:
// gRPC over a unix socket, state machine, store, COMMIT, acknowledgement; beside the same rows
// inserted raw. The workers are a process of their own, so that the coordinator's processor time
// can be told from theirs.
//
//   firstguess_ingest_bench [--benchmark_filter=Empty]

#include <benchmark/benchmark.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/rpc/channel.h"
#include "coordinator/coordinator.h"
#include "firstguess/v1/sweep_service.grpc.pb.h"
#include "tools/bench/bench_trials.h"
#include "tools/bench/raw_insert.h"
#include "tools/bench/repeated.h"
#include "tools/bench/simulated_workers.h"

namespace firstguess {
namespace {

constexpr int64_t kRawGroup = 100;
constexpr int64_t kClasses = 10;
constexpr char kWorkersFlag[] = "--simulate-workers";

void Require(bool condition, const std::string& words) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", words.c_str());
  std::exit(1);
}

// This program again, as workers.
pid_t SpawnWorkers(const SimulatedWorkers& workers) {
  std::vector<std::string> words = {"workers",
                                    kWorkersFlag,
                                    workers.coordinator,
                                    absl::StrCat(workers.workers),
                                    absl::StrCat(workers.capacity),
                                    absl::StrCat(workers.snapshots)};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t process = 0;
  const int error =
      posix_spawn(&process, "/proc/self/exe", nullptr, nullptr, arguments.data(), environ);
  Require(error == 0, "can't start the workers' process");
  return process;
}

int RunAsWorkers(char** arguments) {
  SimulatedWorkers workers;
  workers.coordinator = arguments[2];
  Require(absl::SimpleAtoi(arguments[3], &workers.workers) &&
              absl::SimpleAtoi(arguments[4], &workers.capacity) &&
              absl::SimpleAtoi(arguments[5], &workers.snapshots),
          "wrong arguments");
  RunSimulatedWorkers(workers);
  return 0;
}

// A sweep of BenchConfig by seed.
std::string Spec(int64_t trials, int64_t pack) {
  return absl::StrCat(
      "name: bench\ndataset: fashion-mnist\n"
      "train: {optimizer: adam, learning_rate: 0.0005, steps: 200}\nmeasure: {points: 29}\n"
      "pack: {max_trials: ",
      pack, ", max_flops: 1.0e+15}\ngrid: {seed: {range: [0, ", trials - 1, "]}}\n");
}

void AwaitWorkers(v1::SweepService::Stub* client, int64_t workers) {
  for (;;) {
    grpc::ClientContext context;
    SetDeadline(context);
    v1::ListWorkersResponse response;
    Require(client->ListWorkers(&context, {}, &response).ok(), "no list of workers");
    if (response.workers_size() == workers) return;
    usleep(1000);
  }
}

void Submit(v1::SweepService::Stub* client, const std::string& spec) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::SubmitRequest request;
  request.set_spec(spec);
  v1::SubmitResponse response;
  const grpc::Status status = client->Submit(&context, request, &response);
  Require(status.ok(), status.error_message());
}

void AwaitEnd(v1::SweepService::Stub* client) {
  grpc::ClientContext context;
  v1::WatchRequest request;
  request.set_name("bench");
  const auto reader = client->Watch(&context, request);
  v1::SweepStatus sweep;
  while (reader->Read(&sweep)) {
  }
  Require(reader->Finish().ok() && sweep.done() == sweep.cells(), "the sweep was not done");
}

void Ingest(benchmark::State& state, int64_t trials, int64_t pack, SimulatedWorkers workers) {
  const auto trajectory = BenchTrajectory(workers.snapshots, kClasses);
  for (auto _ : state) {
    const BenchFolder folder;
    workers.coordinator = absl::StrCat("unix:", folder.File("socket"));
    Coordinator::Options options;
    options.listen = {workers.coordinator};

    // An empty database of ours.
    options.database = folder.File("raw.db");
    Require(Coordinator::Start(options).ok(), "no coordinator");
    const auto raw_start = std::chrono::steady_clock::now();
    InsertRaw(options.database, trials, *trajectory, kRawGroup);
    const std::chrono::duration<double> raw = std::chrono::steady_clock::now() - raw_start;

    options.database = folder.File("ingest.db");
    auto coordinator = Coordinator::Start(options);
    Require(coordinator.ok(), std::string(coordinator.status().message()));
    const auto client = v1::SweepService::NewStub(*MakeChannel(workers.coordinator));
    const pid_t process = SpawnWorkers(workers);
    AwaitWorkers(client.get(), workers.workers);

    const auto start = std::chrono::steady_clock::now();
    const double processor_start = ProcessorSeconds();
    Submit(client.get(), Spec(trials, pack));
    AwaitEnd(client.get());
    const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    const double processor = ProcessorSeconds() - processor_start;

    (*coordinator)->Shutdown(absl::Seconds(2));
    int status = 0;
    waitpid(process, &status, 0);
    Require(status == 0, "the workers' process failed");
    state.SetIterationTime(taken.count());
    const auto count = static_cast<double>(trials);
    state.counters["per_s"] = count / taken.count();
    state.counters["raw_per_s"] = count / raw.count();
    state.counters["ratio"] = raw.count() / taken.count();
    state.counters["coordinator_cpu_us"] = processor / count * 1e6;
  }
}

void EmptyTrialsInPacksOf64(benchmark::State& state) {
  Ingest(state, /*trials=*/state.range(0), /*pack=*/64,
         {.coordinator = "", .workers = 4, .capacity = 4, .snapshots = 0});
}
void EmptyTrialsInPacksOf1(benchmark::State& state) {
  Ingest(state, /*trials=*/8 * 1024, /*pack=*/1,
         {.coordinator = "", .workers = 4, .capacity = 64, .snapshots = 0});
}
void FullTrials(benchmark::State& state) {
  Ingest(state, /*trials=*/2048, /*pack=*/64,
         {.coordinator = "", .workers = 4, .capacity = 4, .snapshots = 30});
}

BENCHMARK(EmptyTrialsInPacksOf64)->Apply(Repeated)->Arg(1'000)->Arg(64'000);
BENCHMARK(EmptyTrialsInPacksOf1)->Apply(Repeated);
BENCHMARK(FullTrials)->Apply(Repeated);
// Flat up to a million cells.
BENCHMARK(EmptyTrialsInPacksOf64)
    ->Name("EmptyTrialsInPacksOf64Once")
    ->Iterations(1)
    ->UseManualTime()
    ->Unit(benchmark::kMillisecond)
    ->Arg(1'000'000);

}  // namespace
}  // namespace firstguess

int main(int argc, char** argv) {
  firstguess::SetLogLevel(firstguess::LogLevel::kError);
  if (argc == 6 && std::string(argv[1]) == firstguess::kWorkersFlag) {
    return firstguess::RunAsWorkers(argv);
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
