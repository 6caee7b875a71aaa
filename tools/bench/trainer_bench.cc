// How fast networks are trained in a tile, beside one at a time by autograd and beside the speed of
// a plain 1024-cube product, on generated data.
//
//   firstguess_trainer_bench [--benchmark_filter=Sgd] [--benchmark_repetitions=7]
//
// Each repetition takes the three one after the other, so that ratios compare neighbours in time.
// Times are processor time, one thread. "us" are microseconds per network and step, "share" is the
// tile's floating-point operations a second over the product's.

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <benchmark/benchmark.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <initializer_list>
#include <memory>
#include <numeric>
#include <vector>

#include "worker/trainer/check_trial.h"
#include "worker/trainer/device.h"
#include "worker/trainer/pack/tile_size.h"
#include "worker/trainer/pack/train_tile.h"
#include "worker/trainer/pack_data.h"
#include "worker/trainer/train_trial.h"

namespace firstguess::trainer {
namespace {

constexpr int64_t kInputs = 784;
constexpr int64_t kClasses = 10;

const at::Device kCpu(at::kCPU);
const std::atomic<bool> kNeverStop{false};

template <typename Work>
double ProcessorSeconds(Work work) {
  const std::clock_t start = std::clock();
  work();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

// Images without meaning, of the size of Fashion-MNIST's.
std::shared_ptr<const ImageDataset> GeneratedImages() {
  auto data = std::make_shared<ImageDataset>();
  data->name = "generated";
  data->classes = kClasses;
  data->train.inputs = kInputs;
  uint32_t state = 1;
  for (int64_t i = 0; i < 16384; ++i) {
    for (int64_t k = 0; k < kInputs; ++k) {
      state = state * 1664525 + 1013904223;
      data->train.pixels.push_back(static_cast<uint8_t>(state >> 24));
    }
    data->train.labels.push_back(i % kClasses);
  }
  data->test = data->train;
  data->table.resize(1);
  for (size_t pixel = 0; pixel < data->table[0].size(); ++pixel) {
    data->table[0][pixel] = (static_cast<float>(pixel) - 127.5f) / 74.0f;
  }
  return data;
}

PackData MakeData(const TrialConfig& config) {
  static const std::shared_ptr<const ImageDataset> images = GeneratedImages();
  std::vector<int64_t> rows(images->train.labels.size());
  std::iota(rows.begin(), rows.end(), int64_t{0});
  PackData data;
  data.dataset = images;
  data.batches = std::make_unique<Batches>(*images, rows, config.batch_size, 0, kCpu);
  data.probe = MakeProbeSet(*images, config.probe_size, 0, kCpu);
  for (int64_t step = 1; step <= config.steps; ++step) data.batches->Get(step);
  return data;
}

double OneByOne(const TrialConfig& config, PackData& data) {
  return ProcessorSeconds([&] { TrainTrial(config, 1, data, kCpu, kNeverStop).IgnoreError(); });
}

double Tile(const TrialConfig& config, int64_t networks, PackData& data) {
  std::vector<TrialConfig> configs(static_cast<size_t>(networks), config);
  for (size_t k = 0; k < configs.size(); ++k) configs[k].seed = static_cast<int64_t>(k);
  return ProcessorSeconds([&] {
    TrainTile(configs, std::vector<int64_t>(configs.size(), 1), data, kCpu, kNeverStop,
              [](size_t, Trajectory) {})
        .IgnoreError();
  });
}

// Floating-point operations a second.
double ProductSpeed() {
  constexpr int64_t kCube = 1024;
  constexpr int kProducts = 8;
  const at::Tensor a = at::ones({kCube, kCube}), b = at::ones({kCube, kCube});
  at::Tensor product = at::empty({kCube, kCube});
  at::mm_out(product, a, b);
  const double seconds = ProcessorSeconds([&] {
    for (int i = 0; i < kProducts; ++i) at::mm_out(product, a, b);
  });
  return kProducts * 2.0 * kCube * kCube * kCube / seconds;
}

// Of one network and update: each layer's product forwards, and backwards into weights and, above
// the first layer, into activations.
double Operations(const MlpShape& shape, int64_t examples) {
  const auto width = static_cast<double>(shape.width);
  const double hidden = static_cast<double>(shape.depth - 1) * width * width;
  return 2.0 * static_cast<double>(examples) *
         (2.0 * static_cast<double>(shape.inputs) * width +
          3.0 * (hidden + width * static_cast<double>(shape.classes)));
}

void Compare(benchmark::State& state, const char* optimizer, bool with_snapshots,
             const char* norm = "none") {
  if (const auto device = OpenDevice("cpu"); !device.ok()) std::abort();
  TrialConfig config;
  config.width = state.range(0);
  config.depth = state.range(1);
  config.optimizer = optimizer;
  config.norm = norm;
  config.learning_rate = 0.0005;
  config.steps = with_snapshots || config.width < 256 ? 200 : 50;
  config.points = with_snapshots ? 24 : 1;
  config.probe_size = with_snapshots ? 2000 : 2;
  PackData data = MakeData(config);
  const MlpShape shape = ShapeOf(config, *data.dataset);
  const int64_t networks = TileSize(shape, config, /*on_cpu=*/true);
  const auto steps = static_cast<double>(config.steps);
  for (auto _ : state) {
    const double product = ProductSpeed();
    const double single = OneByOne(config, data) / steps;
    const double tile = Tile(config, networks, data) / steps / static_cast<double>(networks);
    const double speed = Operations(shape, config.batch_size) / tile;
    state.SetIterationTime(tile);
    state.counters["tile"] = static_cast<double>(networks);
    state.counters["autograd_us"] = single * 1e6;
    state.counters["tile_us"] = tile * 1e6;
    state.counters["ratio"] = single / tile;
    state.counters["GFLOPs"] = speed / 1e9;
    state.counters["cube_GFLOPs"] = product / 1e9;
    state.counters["share"] = speed / product;
  }
}

// Updates alone.
void Sgd(benchmark::State& state) { Compare(state, "sgd", false); }
void Momentum(benchmark::State& state) { Compare(state, "momentum", false); }
void Adam(benchmark::State& state) { Compare(state, "adam", false); }
void SgdWithLayerNorm(benchmark::State& state) { Compare(state, "sgd", false, "layer_norm"); }
void SgdWithBatchNorm(benchmark::State& state) { Compare(state, "sgd", false, "batch_norm"); }
// 200 updates with 24 snapshots and one before the first, each of 2000 probe examples.
void SgdWithSnapshots(benchmark::State& state) { Compare(state, "sgd", true); }
void AdamWithSnapshots(benchmark::State& state) { Compare(state, "adam", true); }

constexpr std::initializer_list<int64_t> kWidths = {32, 64, 128, 256, 512};

void Once(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"width", "depth"})
      ->Iterations(1)
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

void Widths(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgsProduct({kWidths, {3}});
  Once(benchmark);
}

void WidthsAndDepths(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgsProduct({kWidths, {1, 2, 3, 4, 5}});
  Once(benchmark);
}

BENCHMARK(Sgd)->Apply(WidthsAndDepths);
BENCHMARK(Momentum)->Apply(Widths);
BENCHMARK(Adam)->Apply(Widths);
BENCHMARK(SgdWithLayerNorm)->Apply(Widths);
BENCHMARK(SgdWithBatchNorm)->Apply(Widths);
BENCHMARK(SgdWithSnapshots)->Apply(Widths);
BENCHMARK(AdamWithSnapshots)->Apply(Widths);

}  // namespace
}  // namespace firstguess::trainer

BENCHMARK_MAIN();
