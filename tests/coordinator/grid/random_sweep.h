#pragma once

#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "common/spec/sweep.h"
#include "coordinator/grid/pack_plan.h"

namespace firstguess {

// Axis values in braces: Axis("width", Values({int64_t{32}, int64_t{64}})).
inline std::vector<FieldValue> Values(std::vector<FieldValue> values) { return values; }

// A sweep of one grid.
std::shared_ptr<Sweep> SweepOf(std::vector<Axis> axes);

// A small valid sweep with at least one cell: up to three grids of up to five axes of up to four
// values over shape and slot fields in any order, some zipped; excludes; a sample; and pack limits
// from one trial to more than a grid.
std::shared_ptr<const Sweep> RandomSweep(std::mt19937_64& random);

// `sweep` with some values, excludes or grids less, and perhaps another sample; it has a cell.
std::shared_ptr<const Sweep> Edited(const Sweep& sweep, std::mt19937_64& random);

// A plan that can be made.
PackPlan PlanOf(std::shared_ptr<const Sweep> sweep, const PackPlan* previous = nullptr);

// The canonical JSON of every cell, each found by going through all raw cells.
std::set<std::string> CellsOf(const std::shared_ptr<const Sweep>& sweep);

}  // namespace firstguess
