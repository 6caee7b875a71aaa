#pragma once

#include <benchmark/benchmark.h>

namespace firstguess {

// For benchmarks that time two ways of doing a thing in each repetition, so that their ratio
// compares neighbours in time: one iteration a repetition, timed by the benchmark itself. With
// --benchmark_repetitions=7 median and quartiles are printed. To be given to Benchmark::Apply.
void Repeated(benchmark::internal::Benchmark* benchmark);

// Processor time of this process so far, in user and kernel mode.
double ProcessorSeconds();

}  // namespace firstguess
