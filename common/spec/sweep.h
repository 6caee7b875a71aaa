#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/spec/fields.h"
#include "common/spec/trial.h"

namespace firstguess {

// One axis of a grid: a field and the values that it takes. Integer ranges stay unexpanded, so
// that an axis of 10^12 seeds costs nothing. Immutable after parsing.
class Axis {
 public:
  struct Range {
    int64_t first = 0;
    int64_t step = 1;  // at least 1
    uint64_t count = 0;
  };

  Axis(std::string field, Range range) : field_(std::move(field)), values_(range) {}
  Axis(std::string field, std::vector<FieldValue> values)
      : field_(std::move(field)), values_(std::move(values)) {}

  const std::string& field() const { return field_; }
  uint64_t size() const;
  // The range that this axis is, or null if its values are listed.
  const Range* range() const { return std::get_if<Range>(&values_); }
  // REQUIRES: index < size().
  FieldValue at(uint64_t index) const;
  // Position of `value` on this axis, if it is on it.
  std::optional<uint64_t> Find(const FieldValue& value) const;

 private:
  std::string field_;
  std::variant<Range, std::vector<FieldValue>> values_;
};

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

// A validated sweep file. Immutable once parsed; thread-compatible.
struct Sweep {
  std::string name;
  TrialConfig base;        // fields off the axes
  std::vector<Axis> axes;  // in file order; the last varies fastest; empty: one cell
  int64_t priority = 0;
  int64_t max_attempts = 3;
  std::optional<int64_t> max_failures;
  std::optional<double> trial_timeout;  // seconds that a trial may train; none: any time
  Requirements needs;                   // the file's `requires`, which is a C++ keyword
  PackLimits pack;
  // The spec as canonical JSON: two files that say the same are the same sweep.
  std::string canonical;

  // Product of the axes' sizes; at most 10^12 (the parser sees to that).
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
