#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace firstguess {

// What `firstguess plot` draws of a sweep. Fields are named as columns of `trial`.
struct PlotOptions {
  std::string database;  // path of the file; opened read-only, also while it is being written
  std::string sweep;     // its name; empty: the one created last
  std::string chart = "trajectories";  // or initial-bias, heat-map
  std::string quantity;                // empty: the chart's first (PlotQuantities)
  bool ranks = false;                  // trajectories: ranks over all seeds instead of classes
  std::string by;                      // initial-bias: a line for each value; "none": one line
  std::string x;                       // heat-map
  std::string y;
  std::vector<std::pair<std::string, std::string>> where;  // field and value: only such trials
  int width = 960;                                         // pixels
  int height = 0;                                          // 0: as high as what is drawn
};

std::vector<std::string> PlotCharts();
// What a chart can show, the first by default. REQUIRES: `chart` is one of PlotCharts.
std::vector<std::string> PlotQuantities(const std::string& chart);

// The chart as SVG. Trajectories are of the most biased start among the trials of `where`. Errors
// as WriteReport (report/report.h); InvalidArgument: a field, quantity or value that is none, with
// what there is; Unavailable: no such trial was measured yet.
absl::StatusOr<std::string> PlotSvg(const PlotOptions& options);

}  // namespace firstguess
