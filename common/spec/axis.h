#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/spec/fields.h"

namespace firstguess {

// A field and the values that it takes, position by position. Integer ranges stay unexpanded, so
// that 10^12 seeds cost nothing. Immutable; thread-safe.
class Column {
 public:
  struct Range {
    int64_t first = 0;
    int64_t step = 1;  // at least 1
    uint64_t count = 0;
  };

  Column(std::string field, Range range) : field_(std::move(field)), values_(range) {}
  Column(std::string field, std::vector<FieldValue> values)
      : field_(std::move(field)), values_(std::move(values)) {}

  const std::string& field() const { return field_; }
  uint64_t size() const;
  // The range that the values are, or null if they are listed.
  const Range* range() const { return std::get_if<Range>(&values_); }
  // REQUIRES: index < size().
  FieldValue at(uint64_t index) const;
  // The first position of `value`, if it is there.
  std::optional<uint64_t> Find(const FieldValue& value) const;

 private:
  std::string field_;
  std::variant<Range, std::vector<FieldValue>> values_;
};

// One axis of a grid: a field with values that all differ, or several fields that run together
// (`zip`), with as many values each, that differ as a whole. Immutable; thread-safe.
class Axis {
 public:
  Axis(std::string field, Column::Range range) : columns_{Column(std::move(field), range)} {}
  Axis(std::string field, std::vector<FieldValue> values)
      : columns_{Column(std::move(field), std::move(values))} {}
  // REQUIRES: at least one, all of one size.
  explicit Axis(std::vector<Column> columns) : columns_(std::move(columns)) {}

  const std::vector<Column>& columns() const { return columns_; }
  uint64_t size() const { return columns_.front().size(); }

 private:
  std::vector<Column> columns_;
};

// A product of axes in file order; the last varies fastest. Without axes it is one cell.
struct AxisProduct {
  std::vector<Axis> axes;

  // Product of the axes' sizes.
  uint64_t cells() const;
  // Null unless `field` is on one of the axes.
  const Column* Find(absl::string_view field) const;
};

}  // namespace firstguess
