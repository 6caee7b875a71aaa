#pragma once

#include "coordinator/grid/pack_plan.h"

namespace firstguess {

// The plan of a whole grid in numbers, for a preview.
struct PlanTotals {
  double packs = 0;
  double flops = 0;
  double bytes = 0;  // in the database
  // False when the grid has more than 10^6 different costs: then the numbers are those of 10^6 of
  // them, evenly spread, scaled up.
  bool exact = true;
};

// One step per different cost, that is per combination of the axes that a trial's cost depends on;
// seeds, losses and learning rates only multiply. REQUIRES: the plan of a first revision.
PlanTotals TotalsOf(const PackPlan& plan);

}  // namespace firstguess
