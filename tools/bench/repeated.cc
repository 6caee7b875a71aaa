#include "tools/bench/repeated.h"

#include <sys/resource.h>

#include <algorithm>
#include <vector>

namespace firstguess {
namespace {

double Quantile(std::vector<double> values, double share) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
}

}  // namespace

void Repeated(benchmark::internal::Benchmark* benchmark) {
  benchmark->Iterations(1)
      ->UseManualTime()
      ->Unit(benchmark::kMillisecond)
      ->ComputeStatistics("q1", [](const std::vector<double>& v) { return Quantile(v, 0.25); })
      ->ComputeStatistics("q3", [](const std::vector<double>& v) { return Quantile(v, 0.75); });
}

double ProcessorSeconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace firstguess
