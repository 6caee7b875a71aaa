#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "nlohmann/json.hpp"
#include "tools/firstguess/report/sweep_data.h"

namespace firstguess {

// The varying fields of a sweep as the page knows them: `axes` with those values alone that
// something on the page mentions, so that a sweep over a million seeds makes no million entries.
// Mark what will be mentioned first; then ask for positions. Thread-compatible.
class AxisPositions {
 public:
  explicit AxisPositions(const SweepData& data);

  // As positions in SweepData::fields; position k here is axis k of the page.
  const std::vector<size_t>& fields() const { return fields_; }
  // REQUIRES: `field` varies.
  size_t AxisOf(size_t field) const;

  void Mark(size_t field, uint32_t value) { marked_[AxisOf(field)].insert(value); }
  void MarkTrial(const TrialRow& trial);

  // Position of a marked value on the page.
  int64_t PositionOf(size_t field, uint32_t value) const;

  // A tuple of values, one a field; and the fields themselves as axes.
  nlohmann::json PositionsJson(const std::vector<size_t>& fields,
                               const std::vector<uint32_t>& values) const;
  nlohmann::json AxesJson(const std::vector<size_t>& fields) const;

  // [{name, label, summary, values}], in the order of the axes.
  nlohmann::json ToJson() const;

 private:
  const SweepData* data_;
  std::vector<size_t> fields_;
  std::vector<std::set<uint32_t>> marked_;  // per axis; ascending, as the values are
};

// NULL, unset, and numbers that are not finite become null.
nlohmann::json ValueJson(const SqlValue& value);
nlohmann::json NumberJson(double value);
nlohmann::json OptionalJson(const std::optional<double>& value);

}  // namespace firstguess
