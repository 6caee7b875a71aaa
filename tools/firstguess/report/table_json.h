#pragma once

#include <cstddef>
#include <vector>

#include "nlohmann/json.hpp"
#include "tools/firstguess/report/analysis.h"
#include "tools/firstguess/report/axis_positions.h"
#include "tools/firstguess/report/report_json.h"

namespace firstguess {

// The rows that the page carries, of `total`; fields are positions in SweepData::fields.
struct SweepTable {
  std::vector<size_t> fields;
  std::vector<TableRow> rows;
  size_t total = 0;
};

// Marks what it will mention. Above the limit of rows takes the most biased ones.
SweepTable MakeTable(const ReportSource& source, AxisPositions* axes);

nlohmann::json TableJson(const SweepTable& table, const AxisPositions& axes);

}  // namespace firstguess
