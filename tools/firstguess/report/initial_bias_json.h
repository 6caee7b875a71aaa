#pragma once

#include <cstddef>
#include <vector>

#include "nlohmann/json.hpp"
#include "tools/firstguess/report/analysis.h"
#include "tools/firstguess/report/axis_positions.h"
#include "tools/firstguess/report/report_json.h"

namespace firstguess {

// What the page shows of the initial bias; fields are positions in SweepData::fields.
struct InitialBias {
  std::vector<Start> starts;
  std::vector<size_t> points = {};  // positions in `starts`
  std::vector<size_t> fields = {};  // that vary and decide a start
  std::vector<size_t> series = {};  // those of them that make a set of lines
  size_t x = 0;
};

// Marks what it will mention. Above the limit of points takes evenly spaced ones.
InitialBias FindInitialBias(const ReportSource& source, AxisPositions* axes);

nlohmann::json InitialBiasJson(const SweepData& data, const InitialBias& bias,
                               const AxisPositions& axes);

}  // namespace firstguess
