#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "coordinator/state/writes.h"

namespace firstguess {

// What is drawn over steps. Of classes, a line for each initial rank; of trials, one.
enum class CurveQuantity { kMeanProb, kGuessFraction, kRecall, kAccuracy, kMaxGuess };

// "mean_prob", …; InvalidArgument, naming those there are.
absl::StatusOr<CurveQuantity> CurveQuantityFromName(absl::string_view name);

struct CurveRequest {
  SweepId sweep_id = 0;
  // The field whose values get a panel each; empty: one that the trials differ in, the loss if they
  // do. One in which they don't differ makes one panel.
  std::string axis = {};
  CurveQuantity quantity = CurveQuantity::kMeanProb;
  int64_t most_trials = 500;  // more are drawn from
  int64_t most_panels = 8;
  // Sweeps with more cells that are done are not gone through, but drawn from by chance.
  int64_t most_scanned = 20'000;
  int64_t done = 0;  // of the sweep, as far as is known
  absl::Duration most_time = absl::Seconds(2);
};

// Finished trials of a sweep over their steps: median and quartiles by panel and line.
struct Curves {
  struct Point {
    int64_t step = 0;
    double low = 0;
    double middle = 0;
    double high = 0;
  };
  struct Line {
    int64_t initial_rank = 0;  // -1: of no class
    std::vector<Point> points;
  };
  struct Panel {
    std::string value;  // of the axis, as SQL has it; a loss followed by its parameters' JSON
    int64_t trials = 0;
    int64_t diverged = 0;  // part of them; each counts as far as it went
    std::vector<Line> lines;
  };
  std::vector<std::string> axes;  // fields in which the trials differ
  std::string axis;               // empty: they are not split
  int64_t finished = 0;           // trials; when they were drawn by chance, the sweep's done cells
  int64_t drawn = 0;              // trials that were read
  int64_t values = 0;             // of the axis; the first `most_panels` have panels
  std::vector<Panel> panels;
};

// Reads a snapshot of the file on a connection of its own, for no longer than `most_time`. Which
// trials are drawn follows from their ids, so that curves grow steadily. Errors: InvalidArgument
// (no such field), DeadlineExceeded, and those of sqlite::Database::OpenReadOnly. Thread-safe.
absl::StatusOr<Curves> ReadCurves(const std::string& path, const CurveRequest& request);

}  // namespace firstguess
