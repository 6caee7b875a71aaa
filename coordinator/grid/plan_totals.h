#pragma once

#include "coordinator/grid/pack_plan.h"

namespace firstguess {

// The plan of a whole grid in numbers, for a preview.
struct PlanTotals {
  double packs = 0;
  double flops = 0;
  double bytes = 0;  // in the database
  // False when the plan has more than 20,000 shapes: then the numbers are those of 20,000 places in
  // it, evenly spread, scaled up.
  bool exact = true;
};

// One step per shape: a shape's trials all cost the same.
PlanTotals TotalsOf(const PackPlan& plan);

}  // namespace firstguess
