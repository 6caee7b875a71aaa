#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/axis.h"
#include "common/spec/trial.h"

namespace firstguess {

// What a worker must have to be given this sweep's packs. Empty members ask for nothing.
struct Requirements {
  std::string device;       // "cpu" or "cuda"
  std::string device_name;  // contained in the device's name
  int64_t memory_bytes = 0;
  std::vector<std::string> labels;

  bool operator==(const Requirements&) const = default;
};

// Bounds on one pack; the plan is a pure function of these and the grid.
struct PackLimits {
  int64_t max_trials = 64;
  double max_flops = 2e12;  // training work of the whole pack

  bool operator==(const PackLimits&) const = default;
};

// Cells to leave out: those that have, for every column, one of its values. Values are some that
// an axis of the sweep has; a loss written in part stands here as all those of the axes that it
// fits.
struct Exclude {
  std::vector<Column> columns;
};

// Takes some of the cells instead of all: `count` draws, less those that are excluded or were drawn
// before, whose turn the next one takes. A larger count keeps the earlier draws.
struct Sample {
  enum class Method { kRandom, kSobol };

  static constexpr int64_t kMostDrawn = 1'000'000;

  int64_t count = 0;
  Method method = Method::kRandom;
  int64_t seed = 0;

  bool operator==(const Sample&) const = default;
};

// A validated sweep file. Immutable once parsed; thread-compatible.
struct Sweep {
  std::string name;
  TrialConfig base;  // fields off the axes
  // Their union, in file order: a cell of two of them is one cell. At least one.
  std::vector<AxisProduct> grids = {AxisProduct()};
  std::vector<Exclude> excludes;
  std::optional<Sample> sample;
  int64_t priority = 0;
  int64_t max_attempts = 3;
  std::optional<int64_t> max_failures;
  std::optional<double> trial_timeout;  // seconds that a trial may train; none: any time
  Requirements needs;                   // the file's `requires`, which is a C++ keyword
  PackLimits pack;
  // The spec as canonical JSON: two files that say the same are the same sweep.
  std::string canonical;

  // Cells of all grids, those that are excluded or in two of them too; at most 10^12 (the parser
  // sees to that).
  uint64_t raw_cells() const;
};

// One mistake in a sweep file, or in a spec that came over the wire.
struct SpecError {
  std::string path;
  int line = 0;    // from 1
  int column = 0;  // from 1
  std::string message;

  // "path:line:column: message".
  std::string ToString() const;
};

struct ParsedSweep {
  std::optional<Sweep> sweep;     // set if and only if there are no errors
  std::vector<SpecError> errors;  // all of them, in file order
};

// Parses and validates a sweep file. `path` only names it in errors. Never throws; input is bounded
// to 1 MiB and 32 levels. Checks everything that can be known without the data set's files:
// names, ranges, batch_size and probe_size against the data set's known sizes.
ParsedSweep ParseSweep(absl::string_view text, absl::string_view path);

}  // namespace firstguess
