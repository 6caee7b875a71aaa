#pragma once

#include <optional>
#include <string>

#include "tools/firstguess/context.h"
#include "tools/firstguess/sweep_numbers.h"

namespace firstguess {

struct SummaryOptions {
  bool json = false;
  std::string database;
  std::string report;                   // where to; empty: none
  bool was_done = false;                // nothing was left to train
  std::optional<double> trainers_busy;  // share of their time in training, if they had any
};

// Says how a sweep ended, what it shows, and where everything is; writes the report. Returns the
// exit code.
int Summarize(const SweepNumbers& numbers, const SummaryOptions& options, Context* context);

}  // namespace firstguess
