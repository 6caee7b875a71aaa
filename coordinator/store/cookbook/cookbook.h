#pragma once

#include <vector>

#include "absl/strings/string_view.h"

namespace firstguess {

// A parameter of a question, `:name` in its SQL.
struct RecipeParameter {
  absl::string_view name;
  absl::string_view default_sql;  // an expression; empty: must be said
  absl::string_view meaning;
};

// A question that researchers ask, with its SQL: to use, and to learn the schema from. Each runs on
// stock SQLite once its parameters have values.
struct Recipe {
  absl::string_view name;      // kebab-case
  absl::string_view question;  // one line
  std::vector<RecipeParameter> parameters;
  absl::string_view sql;
};

// In the order of a sweep's life: how far it is, how it starts, how it trains, how it ends. Static;
// thread-safe.
const std::vector<Recipe>& Cookbook();

// Null when no recipe has this name.
const Recipe* FindRecipe(absl::string_view name);

}  // namespace firstguess
