#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/spec/sweep.h"
#include "coordinator/grid/index_set.h"

namespace firstguess {

// A product of axes and the fields that are off them.
struct ProductView {
  std::vector<const Axis*> axes;
  const TrialConfig* base = nullptr;
};

// What must hold of a cell's positions on some of the axes.
struct Condition {
  // Ascending; at least one.
  std::vector<size_t> axes;
  // Of a single axis: where it holds.
  IndexSet positions;
  // Of several: the positions, one for each of them, where it holds.
  std::vector<std::vector<uint64_t>> combinations;
};

// Conditions that must hold together.
using Conditions = std::vector<Condition>;

// When a cell of `product` fits one entry of `exclude`; never: nothing.
std::optional<Conditions> ConditionsOf(const ProductView& product, const Exclude& exclude);

// When a cell of `product` is in a grid of another sweep, or of the same: all its fields have
// values that one cell there has, wherever the two files write them. `base` is that sweep's.
std::optional<Conditions> ConditionsOf(const ProductView& product, const AxisProduct& grid,
                                       const TrialConfig& base);

}  // namespace firstguess
