#include "coordinator/store/cookbook/cookbook.h"

#include "coordinator/store/cookbook/recipes.h"

namespace firstguess {

const std::vector<Recipe>& Cookbook() {
  static const auto* const recipes = [] {
    auto* all = new std::vector<Recipe>;
    for (auto part : {SweepRecipes, StartRecipes, TrainingRecipes, OutcomeRecipes}) {
      for (Recipe& recipe : part()) all->push_back(recipe);
    }
    return all;
  }();
  return *recipes;
}

const Recipe* FindRecipe(absl::string_view name) {
  for (const Recipe& recipe : Cookbook()) {
    if (recipe.name == name) return &recipe;
  }
  return nullptr;
}

}  // namespace firstguess
