#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/firstguess/report/sweep_data.h"

namespace firstguess {

// Counting and averaging over a whole sweep; pure functions of SweepData. `fields` below are
// positions in SweepData::fields.

// Trials that share initial weights, batches and everything else but the treatment.
struct Group {
  std::vector<uint32_t> values;     // per field asked for
  std::vector<size_t> trials = {};  // positions in SweepData::trials, by treatment
};

// Groups of the trials that were measured at step 0, the most biased start first: by mean
// probability of its favoured class, then largest guess fraction, then lowest trial.
std::vector<Group> GroupByStart(const SweepData& data, const std::vector<size_t>& fields);

// One configuration and treatment over all its seeds. Medians are over the trials measured; those
// of the last step leave out diverged trials. Unset: no such trial.
struct TableRow {
  std::vector<uint32_t> values;  // per field asked for
  uint32_t treatment = 0;
  int64_t trials = 0;  // measured
  int64_t diverged = 0;
  int64_t failed = 0;
  std::optional<double> initial_max_guess = {};
  std::optional<double> initial_prob = {};  // of the favoured class
  std::optional<double> final_max_guess = {};
  std::optional<double> final_prob = {};
  std::optional<double> above_chance = {};  // classes
  std::optional<double> accuracy = {};
};

// By configuration in the order of the fields, then treatment. `fields` should leave out the seeds.
std::vector<TableRow> AggregateSeeds(const SweepData& data, const std::vector<size_t>& fields);

// One initial network on one probe set; several trials may share it.
struct Start {
  size_t trial = 0;  // the first that has it: position in SweepData::trials
  double max_guess = 0;
  double favoured_prob = 0;
  double expected_max_guess = 0;  // by theory (theory_of_start.h); NaN: it has no answer
};

// The fields that decide a start.
std::vector<size_t> StartFields(const SweepData& data);

// All different starts, by trial.
std::vector<Start> DistinctStarts(const SweepData& data);

// A mean over starts of equal `x` and `series`.
struct StartMean {
  uint32_t x = 0;       // position in the values of the field x
  uint32_t series = 0;  // likewise; 0 without a series field
  int64_t starts = 0;
  double max_guess = 0;
  double favoured_prob = 0;
  double expected_max_guess = 0;  // NaN unless theory has an answer for each of them
};

// By series, then x.
std::vector<StartMean> MeanOfStarts(const SweepData& data, const std::vector<Start>& starts,
                                    size_t x, std::optional<size_t> series);

// The middle value, or the mean of the two; unset if empty. Ignores NaN.
std::optional<double> Median(std::vector<double> values);

}  // namespace firstguess
