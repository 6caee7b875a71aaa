#pragma once

#include <vector>

#include "coordinator/store/cookbook/cookbook.h"

namespace firstguess {

// The parts of the cookbook, in its order.
std::vector<Recipe> SweepRecipes();     // how far sweeps are, what failed, what it cost
std::vector<Recipe> StartRecipes();     // the first guess, before any update
std::vector<Recipe> TrainingRecipes();  // trajectories
std::vector<Recipe> OutcomeRecipes();   // where trials end, and comparisons

// The sweep that a question is about, the newest if not said.
inline RecipeParameter SweepParameter() {
  return {"sweep", "(SELECT name FROM sweep ORDER BY sweep_id DESC LIMIT 1)", "name of the sweep"};
}

}  // namespace firstguess
